import {
  commonErrors,
  type ErrorCode,
  errorCodes,
  errors,
  Problem,
  PROTOCOL_VERSION,
  type Route,
  type RouteName,
  routes,
} from '@natter/protocol';
import { failureOf, noteOf } from './failure-schema.js';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  SchemaComponents,
  sortedByName,
} from './json-schema.js';

const BEARER = 'bearer';
const LINK = 'link';
const BODY_ERRORS: readonly ErrorCode[] = ['UNSUPPORTED_MEDIA'];
const BEARER_ERRORS: readonly ErrorCode[] = ['UNAUTHENTICATED', 'DEVICE_REVOKED'];

/** Routes that tell a failure in their own form instead of as a problem. */
const ownFailures: Partial<Record<RouteName, ErrorCode>> = { getReadiness: 'UNAVAILABLE' };

const INTRODUCTION = `Accounts, chats and messages over HTTP. Live messages come over Socket.IO at \`/socket.io\`.

Every failure is \`application/problem+json\` with a \`code\` of a closed list. Ids are UUIDs, times are ISO 8601 in UTC
with milliseconds. Clients ignore fields that they do not know.`;

const successes: Readonly<Record<Route['status'], string>> = {
  200: 'Done.',
  201: 'Made.',
  204: 'Done; the answer is empty.',
};

/** `/v1/chats/:id` in the notation of OpenAPI. */
function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function parametersOf(schema: Json, place: 'path' | 'query'): Json[] {
  if (!isJsonObject(schema) || !isJsonObject(schema.properties)) {
    throw new Error(`Unable to describe the ${place} of a route; its schema is not an object`);
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    in: place,
    // What has a default is always there once it is read, and need not be sent.
    required: required.includes(name) && !(isJsonObject(property) && 'default' in property),
    schema: property,
  }));
}

function jsonContent(schema: Json, lines = false): JsonObject {
  return { [lines ? 'application/x-ndjson' : 'application/json']: { schema } };
}

/** The codes that a route may answer, by their status. */
function failuresOf(route: Route): [string, ErrorCode[]][] {
  const possible = new Set<ErrorCode>([
    ...commonErrors,
    ...(route.policy !== 'anyone' ? BEARER_ERRORS : []),
    ...(route.body || route.form ? BODY_ERRORS : []),
    ...route.errors,
  ]);
  const codes = errorCodes.filter((code) => possible.has(code));
  return [...Map.groupBy(codes, (code) => String(errors[code].status))];
}

/** What else a route of bytes answers (RFC 9110). */
const BYTES_ANSWERS = {
  206: { description: 'The range of bytes that was asked for.', ...bytesContent() },
  304: { description: 'What the caller has is what is there.' },
  416: { description: 'There is no such range; `Content-Range` says how many bytes there are.' },
};

function bytesContent(): JsonObject {
  return { content: { '*/*': { schema: { contentMediaType: 'application/octet-stream' } } } };
}

function bytesOf({ bytes }: Route): JsonObject {
  return bytes ? bytesContent() : {};
}

function securityOf({ policy, signed }: Route): JsonObject[] {
  if (policy === 'anyone') return [];
  return [{ [BEARER]: [] }, ...(signed ? [{ [LINK]: [] }] : [])];
}

class OpenApiBuilder {
  private readonly schemas = new SchemaComponents('draft-2020-12');
  private readonly responses: JsonObject = {};

  build(): JsonObject {
    const paths: Record<string, JsonObject> = {};
    const tags = new Set<string>();
    for (const [name, route] of Object.entries<Route>(routes)) {
      const operations = (paths[templateOf(route.path)] ??= {});
      operations[route.method.toLowerCase()] = this.operation(name, route);
      tags.add(route.tag);
    }
    return {
      openapi: '3.1.1',
      info: {
        title: 'Natter',
        version: String(PROTOCOL_VERSION),
        description: INTRODUCTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [...tags].map((name) => ({ name })),
      paths,
      components: {
        schemas: this.schemas.all(),
        responses: sortedByName(Object.entries(this.responses)),
        securitySchemes: {
          [BEARER]: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The `accessToken` of a session.',
          },
          [LINK]: {
            type: 'apiKey',
            in: 'query',
            name: 'link',
            description: 'Of a link that the server made, for this file and a few minutes.',
          },
        },
      },
    };
  }

  private operation(name: string, route: Route): JsonObject {
    const parameters = [
      ...(route.params ? parametersOf(this.schemas.describe(route.params, 'input'), 'path') : []),
      // Text that is read as a number: as input it would be anything.
      ...(route.query ? parametersOf(this.schemas.describe(route.query, 'output'), 'query') : []),
    ];
    return {
      operationId: name,
      summary: route.summary,
      tags: [route.tag],
      'x-rate-class': route.rate,
      security: securityOf(route),
      ...(parameters.length > 0 && { parameters }),
      ...this.requestBodyOf(route),
      responses: this.responsesOf(name, route),
    };
  }

  private requestBodyOf({ body, form }: Route): JsonObject {
    if (body) {
      const content = jsonContent(this.schemas.describe(body, 'input'));
      return { requestBody: { required: true, content } };
    }
    if (!form) return {};
    // Text that is read as what it stands for: as input it would be anything.
    const fields = this.schemas.describe(form, 'output');
    const file = { type: 'string', contentMediaType: 'application/octet-stream' };
    if (!isJsonObject(fields) || !isJsonObject(fields.properties)) {
      throw new Error('Unable to describe a form; its schema is not an object');
    }
    const schema = { ...fields, properties: { ...fields.properties, file }, required: ['file'] };
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } };
  }

  private responsesOf(name: string, route: Route): JsonObject {
    const content = route.output && {
      content: jsonContent(this.schemas.describe(route.output, 'output'), route.lines),
    };
    const ownFailure = Object.entries(ownFailures).find(([of]) => of === name)?.[1];
    const failures = failuresOf(route).map(([status, codes]) => [
      status,
      ownFailure !== undefined && codes.includes(ownFailure)
        ? { description: errors[ownFailure].title, ...content }
        : this.failure(codes),
    ]);
    return {
      ...(route.repeatStatus !== undefined && {
        [route.repeatStatus]: {
          description: 'The same request was carried out before; this is what it made.',
          ...content,
        },
      }),
      [route.status]: { description: successes[route.status], ...content, ...bytesOf(route) },
      ...(route.bytes && BYTES_ANSWERS),
      ...Object.fromEntries(failures),
    };
  }

  /** A reference to the response that these codes of one status share. */
  private failure(codes: readonly ErrorCode[]): JsonObject {
    const id = codes.join('_or_');
    this.responses[id] ??= {
      description: codes.map(noteOf).join('\n\n'),
      ...(codes.some((code) => errors[code].retryable) && {
        headers: {
          'Retry-After': {
            description: 'Whole seconds after which another try makes sense, where that is known.',
            schema: { type: 'integer', minimum: 0 },
          },
        },
      }),
      content: {
        'application/problem+json': {
          schema: failureOf(this.schemas.describe(Problem, 'output'), codes),
        },
      },
    };
    return { $ref: `#/components/responses/${id}` };
  }
}

/** The HTTP half of the protocol as an OpenAPI 3.1 document; the same protocol gives the same document. */
export function openApiDocument(): JsonObject {
  return new OpenApiBuilder().build();
}

/** The document as it is committed and served. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), null, 2)}\n`;
}
