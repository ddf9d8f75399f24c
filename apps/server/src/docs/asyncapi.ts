import {
  type Command,
  CommandError,
  commands,
  commonErrors,
  type ErrorCode,
  type Event,
  events,
  HandshakeAuth,
  HandshakeError,
  handshakeErrors,
  policies,
  PROTOCOL_VERSION,
  receivers,
} from '@natter/protocol';
import { failureOf, noteOf } from './failure-schema.js';
import { type Json, type JsonObject, SchemaComponents } from './json-schema.js';

const CHANNEL = '#/channels/socket';
const TOKEN = 'token';

const INTRODUCTION = `Commands and events over Socket.IO, at \`/socket.io\` in the default namespace.

A client emits a command with one payload; the server carries it out and answers through the acknowledgement:
\`{ ok: true, data }\`, or \`{ ok: false, error }\` with a \`code\` of a closed list. The server emits events, which are
not acknowledged. A connected socket gets the events of all chats of its user; nothing has to be joined.

Ids are UUIDs, times are ISO 8601 in UTC with milliseconds. Clients ignore events and fields that they do not know.`;

const CONNECTING = `A client connects with the \`auth\` that the message \`connect\` describes. A handshake that is refused
is a \`connect_error\`, whose \`err.data\` the message of that name describes; one that is not has no answer but the
connection.`;

const server = {
  host: '{host}',
  pathname: '/socket.io',
  protocol: 'socket.io',
  protocolVersion: '5',
  description: 'Every node, at the address of its HTTP API.',
  variables: { host: { default: 'localhost:3000' } },
  security: [{ $ref: `#/components/securitySchemes/${TOKEN}` }],
};

const token = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The `accessToken` of a session, as `token` in the `auth` of the handshake.',
};

const tags = {
  connection: 'The handshake.',
  command: 'What a client emits; each is answered through its acknowledgement (ACK-1).',
  event: 'What the server emits.',
} as const;

function listOf(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `- ${noteOf(code)}`).join('\n');
}

/** One half of an acknowledgement (ACK-1). */
function answerHalf(ok: boolean, member: 'data' | 'error', schema: Json): JsonObject {
  return {
    type: 'object',
    properties: { ok: { type: 'boolean', const: ok }, [member]: schema },
    required: ['ok', member],
  };
}

function commandDescription({ policy, errors: own }: Command): string {
  return [
    `Who may: ${policies[policy]}`,
    ...(own.length > 0 ? [`Its own errors:\n\n${listOf(own)}`] : []),
    `Errors of any command:\n\n${listOf(commonErrors)}`,
  ].join('\n\n');
}

class AsyncApiBuilder {
  private readonly schemas = new SchemaComponents('draft-7');
  private readonly messages: JsonObject = {};

  build(): JsonObject {
    const operations: JsonObject = { connect: this.connection() };
    // With their kinds: a command and an event may have the same name.
    for (const [name, command] of Object.entries<Command>(commands)) {
      operations[`command.${name}`] = this.command(name, command);
    }
    for (const [name, event] of Object.entries<Event>(events)) {
      operations[`event.${name}`] = this.event(name, event);
    }
    return {
      asyncapi: '3.0.0',
      info: {
        title: 'Natter',
        version: String(PROTOCOL_VERSION),
        description: INTRODUCTION,
        license: { name: 'MIT' },
        tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      },
      defaultContentType: 'application/json',
      servers: { natter: server },
      channels: {
        socket: {
          address: '/',
          title: 'The default namespace',
          description: CONNECTING,
          servers: [{ $ref: '#/servers/natter' }],
          messages: Object.fromEntries(
            Object.keys(this.messages).map((name) => [
              name,
              { $ref: `#/components/messages/${name}` },
            ]),
          ),
        },
      },
      operations,
      components: {
        messages: this.messages,
        schemas: this.schemas.all(),
        securitySchemes: { [TOKEN]: token },
      },
    };
  }

  private connection(): JsonObject {
    return {
      action: 'receive',
      summary: 'Connects a socket.',
      description: `${CONNECTING}\n\n${listOf(handshakeErrors)}`,
      tags: [{ name: 'connection' }],
      ...this.exchanged('connect', {
        name: 'connect',
        title: 'Handshake',
        payload: this.schemas.describe(HandshakeAuth, 'input'),
      }),
      reply: this.exchanged('connect_error', {
        name: 'connect_error',
        title: 'Refusal of a handshake',
        payload: failureOf(this.schemas.describe(HandshakeError, 'output'), handshakeErrors),
      }),
    };
  }

  private command(name: string, command: Command): JsonObject {
    const data = this.schemas.describe(command.output, 'output');
    const error = failureOf(this.schemas.describe(CommandError, 'output'), [
      ...new Set([...command.errors, ...commonErrors]),
    ]);
    return {
      action: 'receive',
      summary: command.summary,
      description: commandDescription(command),
      tags: [{ name: 'command' }],
      ...this.exchanged(`command.${name}`, {
        name,
        title: name,
        payload: this.schemas.describe(command.input, 'input'),
      }),
      reply: this.exchanged(`answer.${name}`, {
        name,
        title: `Acknowledgement of ${name}`,
        payload: { oneOf: [answerHalf(true, 'data', data), answerHalf(false, 'error', error)] },
      }),
    };
  }

  private event(name: string, { summary, to, payload }: Event): JsonObject {
    return {
      action: 'send',
      summary,
      description: `Goes to: ${receivers[to]}`,
      tags: [{ name: 'event' }],
      ...this.exchanged(`event.${name}`, {
        name,
        title: name,
        payload: this.schemas.describe(payload, 'output'),
      }),
    };
  }

  /** Adds a message to the channel, and gives what refers to it. */
  private exchanged(messageId: string, message: JsonObject): JsonObject {
    this.messages[messageId] = message;
    return {
      channel: { $ref: CHANNEL },
      messages: [{ $ref: `${CHANNEL}/messages/${messageId}` }],
    };
  }
}

/** The socket half of the protocol as an AsyncAPI 3.0 document; the same protocol gives the same document. */
export function asyncApiDocument(): JsonObject {
  return new AsyncApiBuilder().build();
}

/** The document as it is committed and served. */
export function asyncApiText(): string {
  return `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;
}
