import { errors, type Route, routes } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json } from './json-schema.js';
import { openApiDocument } from './openapi.js';
import { at, members, objects, referred, references, textAt } from './testing/document.js';

const document = openApiDocument();

const operations = members(at(document, 'paths')).flatMap(([path, methods]) =>
  members(methods).map(([method, operation]) => ({ path, method, operation })),
);

function operationOf(name: string): Json {
  const found = operations.find(({ operation }) => at(operation, 'operationId') === name);
  if (!found) throw new Error(`There is no operation ${name}`);
  return found.operation;
}

function parametersOf(name: string): Record<string, Json> {
  const parameters = at(operationOf(name), 'parameters');
  if (!Array.isArray(parameters)) throw new Error('The parameters are not a list');
  return Object.fromEntries(parameters.map((parameter) => [textAt(parameter, 'name'), parameter]));
}

describe('the document', () => {
  it('has what OpenAPI 3.1 requires', () => {
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d+$/),
      info: { title: expect.any(String), version: expect.any(String) },
    });
    for (const { path, method, operation } of operations) {
      expect(path).toMatch(/^\/[^:]*$/);
      expect(method).toMatch(/^(get|post|put|patch|delete)$/);
      expect(members(at(operation, 'responses')).length).toBeGreaterThan(0);
    }
  });

  it('is the same each time', () => {
    expect(openApiDocument()).toEqual(document);
  });

  it('holds every route of the protocol and nothing else', () => {
    const described = operations.map(
      ({ path, method, operation }) =>
        `${textAt(operation, 'operationId')}: ${method.toUpperCase()} ${path}`,
    );
    const expected = Object.entries<Route>(routes).map(
      ([name, { method, path }]) => `${name}: ${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(new Set(described)).toEqual(new Set(expected));
    expect(described).toHaveLength(expected.length);
  });

  it('gives every operation an id of its own', () => {
    const ids = operations.map(({ operation }) => at(operation, 'operationId'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('declares every parameter of a path', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = isJsonObject(operation) ? (operation.parameters ?? []) : [];
      const declared = (Array.isArray(parameters) ? parameters : [])
        .filter((parameter) => at(parameter, 'in') === 'path')
        .map((parameter) => [at(parameter, 'name'), at(parameter, 'required')]);
      expect(declared).toEqual(inPath.map((name) => [name, true]));
    }
  });

  it('refers only to components that are there, and uses each', () => {
    const used = references(document);
    for (const reference of used) expect(() => referred(document, reference)).not.toThrow();
    const components = ['schemas', 'responses'].flatMap((kind) =>
      members(at(document, 'components', kind)).map(([id]) => `#/components/${kind}/${id}`),
    );
    expect(components.filter((component) => !used.includes(component))).toEqual([]);
    const schemes = new Set(
      operations.flatMap(({ operation }) => {
        const security = at(operation, 'security');
        return Array.isArray(security)
          ? security.flatMap((scheme) => members(scheme).map(([id]) => id))
          : [];
      }),
    );
    expect([...schemes]).toEqual(
      members(at(document, 'components', 'securitySchemes')).map(([id]) => id),
    );
  });

  it('leaves nothing of single JSON Schemas behind', () => {
    for (const object of objects(document)) {
      expect(object).not.toHaveProperty('$schema');
      expect(object).not.toHaveProperty('$defs');
      expect(object).not.toHaveProperty('$id');
    }
    expect(JSON.stringify(document)).not.toContain('#/$defs/');
  });

  it('asks for a token wherever the protocol does', () => {
    for (const [name, route] of Object.entries<Route>(routes)) {
      const link = route.signed ? [{ link: [] }] : [];
      const security = route.policy !== 'anyone' ? [{ bearer: [] }, ...link] : [];
      expect(at(operationOf(name), 'security')).toEqual(security);
    }
  });

  it('names every tag that it uses', () => {
    const declared = at(document, 'tags');
    const names = Array.isArray(declared) ? declared.map((tag) => at(tag, 'name')) : [];
    const used = new Set(operations.map(({ operation }) => JSON.stringify(at(operation, 'tags'))));
    expect([...used].toSorted()).toEqual(names.map((name) => JSON.stringify([name])).toSorted());
  });
});

describe('an operation', () => {
  it('takes numbers of a query as integers, with their defaults', () => {
    expect(parametersOf('getHistory')).toEqual({
      id: { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      before: {
        name: 'before',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 0 },
      },
      after: {
        name: 'after',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 0 },
      },
      around: {
        name: 'around',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 0 },
      },
      limit: {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
      },
    });
  });

  it('lets an optional field of a body be absent or null', () => {
    const body = at(
      operationOf('register'),
      'requestBody',
      'content',
      'application/json',
      'schema',
    );
    expect(at(body, 'required')).toEqual(['username', 'password']);
    expect(at(body, 'properties', 'displayName')).toEqual({ type: ['string', 'null'] });
  });

  it('allows fields that are not described, as the protocol does', () => {
    for (const object of objects(document)) expect(object.additionalProperties).not.toBe(false);
  });

  it('has an answer for what it makes and for what was made before', () => {
    const responses = at(operationOf('createChat'), 'responses');
    const chat = { 'application/json': { schema: { $ref: '#/components/schemas/Chat' } } };
    expect(at(responses, '201', 'content')).toEqual(chat);
    expect(at(responses, '200', 'content')).toEqual(chat);
    expect(at(operationOf('leaveGroup'), 'responses', '204')).not.toHaveProperty('content');
  });

  it('lists the codes of each failure by its status', () => {
    const unauthenticated = at(operationOf('getOwnUser'), 'responses', '401', '$ref');
    expect(unauthenticated).toBe('#/components/responses/UNAUTHENTICATED_or_DEVICE_REVOKED');
    expect(at(operationOf('login'), 'responses', '401', '$ref')).toBe(
      '#/components/responses/UNAUTHENTICATED',
    );
    for (const [name, route] of Object.entries<Route>(routes)) {
      for (const code of route.errors) {
        const status = String(errors[code].status);
        expect(textAt(operationOf(name), 'responses', status, '$ref')).toContain(code);
      }
    }
    const problem = at(
      document,
      'components',
      'responses',
      'CONFLICT',
      'content',
      'application/problem+json',
    );
    expect(problem).toEqual({
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { code: { enum: ['CONFLICT'] } } },
        ],
      },
    });
  });

  it('tells that a node is not ready in its own form', () => {
    const response = at(
      operationOf('getReadiness'),
      'responses',
      String(errors.UNAVAILABLE.status),
    );
    expect(at(response, 'content')).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/Readiness' } },
    });
  });
});
