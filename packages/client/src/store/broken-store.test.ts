import type { User } from '@natter/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ChatClientOptions,
  type ClientStore,
  createChatClient,
  memoryStore,
} from '../index.js';
import { FakeServer } from '../testing/index.js';

let server: FakeServer;
let anna: User;
let chatId: string;
let options: ChatClientOptions;

/** As a browser whose space is used up, or that lets a page keep nothing. */
const refused = () => Promise.reject(new Error('The store is broken'));
const broken: [string, Partial<ClientStore>][] = [
  ['cannot be read', { read: refused }],
  ['cannot be written', { write: refused }],
  ['can be neither', { read: refused, write: refused }],
];

beforeEach(() => {
  server = new FakeServer();
  ({ user: anna, options } = server.addUser('anna'));
  chatId = server.addChat([anna, server.addUser('ben').user]).id;
});

/** The options by which a client logs in by itself. */
function withLogin(): ChatClientOptions {
  const { auth: _, fetch: requests = fetch, ...rest } = options;
  const session = {
    user: anna,
    device: { id: anna.id },
    accessToken: anna.id,
    refreshToken: 'successor',
    expiresInMs: 900_000,
  };
  return {
    ...rest,
    fetch: (input, init) =>
      String(input).endsWith('/login')
        ? Promise.resolve(Response.json(session))
        : requests(input, init),
  };
}

describe.each(broken)('with a store that %s', (_, failures) => {
  const store = (): ClientStore => ({ ...memoryStore(), ...failures });

  it('a client goes on in memory, and says so', async () => {
    const client = createChatClient({ ...options, store: store() });
    const failed: unknown[] = [];
    client.on('storeFailed', (error) => failed.push(error));
    client.connect();
    await server.clock.advance(5000);
    expect(client.state).toEqual({ status: 'live' });
    const { sent } = client.chats.open(chatId).send('hello');
    await server.clock.advance(0);
    expect(await sent).toMatchObject({ text: 'hello' });
    expect(failed).not.toEqual([]);
  });

  it('a user can log in', async () => {
    const client = createChatClient({ ...withLogin(), store: store() });
    const login = client.session.login({ username: 'anna', password: 'any' });
    await server.clock.advance(0);
    await login;
    await server.clock.advance(5000);
    expect(client.state).toEqual({ status: 'live' });
  });
});

it('a store that could not be read is not written over', async () => {
  const rows = memoryStore();
  const kept = new Map<string, unknown>([[`user/${anna.id}/outbox/kept`, { place: 1, item: {} }]]);
  await rows.write(kept);
  const client = createChatClient({ ...options, store: { ...rows, read: refused } });
  client.connect();
  await server.clock.advance(5000);
  client.chats.open(chatId).send('hello');
  await server.clock.advance(5000);
  expect(client.outbox.getSnapshot()).toEqual([]);
  expect(await rows.read('user/')).toEqual([...kept]);
});

it('a store that keeps no files lets them be sent all the same, but not by the next client', async () => {
  const { files, ...rows } = memoryStore();
  const failing = { ...rows, files: files && { ...files, write: refused } };
  const failed: unknown[] = [];
  const client = createChatClient({ ...options, store: failing });
  client.on('storeFailed', (error) => failed.push(error));
  client.connect();
  await server.clock.advance(5000);
  const chat = client.chats.open(chatId);
  const { sent } = chat.sendMedia({ files: [new Blob(['one'])] });
  await server.clock.advance(1000);
  expect(await sent).toMatchObject({ kind: 'media' });
  expect(failed).toHaveLength(1);
  server.fall();
  chat.sendMedia({ files: [new Blob(['two'])] });
  await server.clock.advance(1000);
  client.disconnect();
  const again = createChatClient({ ...options, store: rows });
  again.connect();
  server.rise();
  await server.clock.advance(60_000);
  expect(again.outbox.getSnapshot()).toMatchObject([
    { status: 'failed', error: { code: 'INVALID' }, files: [{ error: { code: 'INVALID' } }] },
  ]);
});
