import {
  type Command,
  commands,
  commonErrors,
  type Event,
  events,
  handshakeErrors,
  policies,
  receivers,
} from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from './asyncapi.js';
import { isJsonObject, type Json } from './json-schema.js';
import { openApiDocument } from './openapi.js';
import { at, items, members, objects, referred, references, textAt } from './testing/document.js';

const document = asyncApiDocument();
const operations = members(at(document, 'operations'));
/** What refers to messages: every operation, and every reply. */
const exchanges = operations.flatMap(([, operation]) =>
  isJsonObject(operation) && operation.reply !== undefined
    ? [operation, operation.reply]
    : [operation],
);
const allCommands = Object.entries<Command>(commands);
const allEvents = Object.entries<Event>(events);

function operationOf(id: string): Json {
  return at(document, 'operations', id);
}

/** The one message that an operation, or its reply, refers to. */
function messageOf(exchange: Json): Json {
  const [reference, ...others] = items(at(exchange, 'messages'));
  if (reference === undefined || others.length > 0) throw new Error('There is not one message');
  const inChannel = referred(document, textAt(reference, '$ref'));
  return referred(document, textAt(inChannel, '$ref'));
}

function answerOf(name: string): Json {
  return messageOf(at(operationOf(`command.${name}`), 'reply'));
}

describe('the document', () => {
  it('has what AsyncAPI 3.0 requires', () => {
    expect(document).toMatchObject({
      asyncapi: '3.0.0',
      info: { title: expect.any(String), version: expect.any(String) },
    });
    for (const [, server] of members(at(document, 'servers'))) {
      expect(server).toMatchObject({ host: expect.any(String), protocol: expect.any(String) });
    }
    for (const [, operation] of operations) {
      expect(at(operation, 'action')).toMatch(/^(send|receive)$/);
    }
    const components = members(at(document, 'components')).flatMap(([, kind]) => members(kind));
    const named = [...components, ...operations, ...members(at(document, 'channels'))];
    for (const [id] of named) expect(id).toMatch(/^[\w.-]+$/);
  });

  it('is the same each time', () => {
    expect(asyncApiDocument()).toEqual(document);
  });

  it('holds the handshake, every command and every event, each once, and nothing else', () => {
    const ids = operations.map(([id]) => id);
    expect(ids).toEqual([
      'connect',
      ...allCommands.map(([name]) => `command.${name}`),
      ...allEvents.map(([name]) => `event.${name}`),
    ]);
    const messages = exchanges
      .flatMap((exchange) => items(at(exchange, 'messages')))
      .map((reference) => textAt(reference, '$ref'));
    expect(new Set(messages).size).toBe(messages.length);
    expect(messages).toHaveLength(2 + 2 * allCommands.length + allEvents.length);
  });

  it('refers only to what is there, and uses each component', () => {
    const used = references(document);
    for (const reference of used) expect(() => referred(document, reference)).not.toThrow();
    const components = members(at(document, 'components')).flatMap(([kind, all]) =>
      members(all).map(([id]) => `#/components/${kind}/${id}`),
    );
    expect(components.filter((component) => !used.includes(component))).toEqual([]);
  });

  it('has every operation in the channel, with messages of it', () => {
    for (const exchange of exchanges) {
      const channel = textAt(exchange, 'channel', '$ref');
      expect(() => referred(document, channel)).not.toThrow();
      for (const message of items(at(exchange, 'messages'))) {
        expect(textAt(message, '$ref').startsWith(`${channel}/messages/`)).toBe(true);
      }
      expect(at(messageOf(exchange), 'payload')).toEqual(expect.any(Object));
    }
  });

  it('keeps to JSON Schema draft 7, where a reference stands alone', () => {
    for (const object of objects(document)) {
      for (const key of ['$schema', '$defs', '$id', 'definitions', 'prefixItems']) {
        expect(object).not.toHaveProperty(key);
      }
      if ('$ref' in object) expect(Object.keys(object)).toEqual(['$ref']);
      expect(object.additionalProperties).not.toBe(false);
    }
    expect(JSON.stringify(document)).not.toMatch(/#\/(\$defs|definitions)\//);
  });

  it('describes the same shapes as the document of the HTTP API', () => {
    const overHttp = at(openApiDocument(), 'components', 'schemas');
    for (const id of ['Message', 'Chat', 'User', 'Device']) {
      expect(at(document, 'components', 'schemas', id)).toEqual(at(overHttp, id));
    }
  });
});

describe('the connection', () => {
  it('takes what auth holds, and tells why it is refused', () => {
    const connect = operationOf('connect');
    expect(at(messageOf(connect), 'payload')).toEqual({
      $ref: '#/components/schemas/HandshakeAuth',
    });
    expect(at(messageOf(at(connect, 'reply')), 'payload')).toEqual({
      allOf: [
        { $ref: '#/components/schemas/HandshakeError' },
        { type: 'object', properties: { code: { enum: handshakeErrors } } },
      ],
    });
  });
});

describe('a command', () => {
  it.each(allCommands)('%s is received under its own name', (name, { summary }) => {
    const operation = operationOf(`command.${name}`);
    expect(operation).toMatchObject({ action: 'receive', summary });
    expect(at(messageOf(operation), 'name')).toBe(name);
  });

  it.each(allCommands)(
    '%s is answered with its data, or with an error of its codes',
    (name, own) => {
      const [done, failed, ...others] = items(at(answerOf(name), 'payload', 'oneOf'));
      expect(others).toEqual([]);
      expect(done).toEqual({
        type: 'object',
        properties: { ok: { type: 'boolean', const: true }, data: expect.any(Object) },
        required: ['ok', 'data'],
      });
      const codes = [...new Set([...own.errors, ...commonErrors])];
      expect(failed).toEqual({
        type: 'object',
        properties: {
          ok: { type: 'boolean', const: false },
          error: {
            allOf: [
              { $ref: '#/components/schemas/CommandError' },
              { type: 'object', properties: { code: { enum: codes } } },
            ],
          },
        },
        required: ['ok', 'error'],
      });
    },
  );

  it.each(allCommands)('%s says who may, and which codes are its own', (name, command) => {
    const description = textAt(operationOf(`command.${name}`), 'description');
    expect(description).toContain(policies[command.policy]);
    const [own = '', common = ''] = description.split('Errors of any command:');
    for (const code of command.errors) expect(own).toContain(`- \`${code}\`: `);
    for (const code of commonErrors) expect(common).toContain(`- \`${code}\`: `);
  });

  it('lets an optional field be absent or null', () => {
    const payload = at(messageOf(operationOf('command.sync')), 'payload');
    expect(payload).not.toHaveProperty('required');
    expect(at(payload, 'properties', 'limit', 'anyOf')).toContainEqual({ type: 'null' });
  });
});

describe('an event', () => {
  it.each(allEvents)('%s is sent under its own name, and says to whom', (name, event) => {
    const operation = operationOf(`event.${name}`);
    expect(operation).toMatchObject({ action: 'send', summary: event.summary });
    expect(operation).not.toHaveProperty('reply');
    expect(at(messageOf(operation), 'name')).toBe(name);
    expect(textAt(operation, 'description')).toContain(receivers[event.to]);
  });

  it('refers to the shape that it carries', () => {
    expect(at(messageOf(operationOf('event.newMessage')), 'payload')).toEqual({
      $ref: '#/components/schemas/Message',
    });
  });
});
