import { randomUUID } from 'node:crypto';
import {
  chatsBehindIndex,
  createTestDatabase,
  queryDatabase,
  seedGroup,
  seedGroupsOf,
  startTestServer,
  type TestDatabase,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { usesOf } from './table-uses.js';

const MESSAGES = 20_000;
const PAGE = 50;
const TABLES = ['messages', 'changes'] as const;

let database: TestDatabase;
let reader: TestUser;
let writer: TestUser;
let large: string;

/** A new server whose first chat has become large before PostgreSQL has looked at its tables, as it does once a minute. */
beforeAll(async () => {
  database = await createTestDatabase();
  for (const table of [...TABLES, 'chats', 'members', 'marks', 'users', 'search_tokens'])
    await queryDatabase(database.url, `alter table ${table} set (autovacuum_enabled = off)`);
  const crowd = await seedGroup(database.url, 5);
  const server = await startTestServer({ databaseUrl: database.url });
  reader = await server.user();
  writer = await server.user();
  await server.stop();
  const members = [reader.id, writer.id, ...crowd.userIds];
  const chatIds = await seedGroupsOf(database.url, members, 20);
  [large = ''] = chatIds;
  await queryDatabase(
    database.url,
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select $1, n, n, gen_random_uuid(), 'text', $2, 'words', now() from generate_series(1, $3::integer) n`,
    [large, writer.id, MESSAGES],
  );
  await queryDatabase(
    database.url,
    'update chats set last_seq = $2, last_ordinal = $2 where id = $1',
    [large, MESSAGES],
  );
  const indexing = await startTestServer({ databaseUrl: database.url });
  await vi.waitUntil(async () => (await chatsBehindIndex(database.url)) === 0, {
    timeout: 50_000,
    interval: 100,
  });
  await indexing.stop();
});
afterAll(() => database.drop());

const MIDDLE = String(MESSAGES / 2);

function page(query: Readonly<Record<string, string>>): (user: TestUser) => Promise<unknown> {
  return (user) => user.call('getHistory', { params: { id: large }, query });
}

/** What a command makes the server read, beside what it reads for a connection. */
function commanded(act: (socket: TestSocket) => Promise<unknown>): Act {
  return async (user) => {
    const socket = await user.connect();
    await act(socket);
    socket.close();
  };
}

type Act = (user: TestUser) => Promise<unknown>;

const acts: Readonly<Record<string, Act>> = {
  'the newest page': page({}),
  'the page before one': page({ before: MIDDLE }),
  'the page after one': page({ after: MIDDLE }),
  'the page around one': page({ around: MIDDLE }),
  'the log': (user) =>
    user.call('getLog', { params: { id: large }, query: { after: '0', limit: String(PAGE) } }),
  'the chat': (user) => user.call('getChat', { params: { id: large } }),
  'the chat list': (user) => user.call('listChats', {}),
  'unread chats': (user) => user.call('listChats', { query: { filter: 'unread' } }),
  'a search': (user) => user.call('searchMessages', { query: { query: 'words', limit: 10 } }),
  'a send': (user) => {
    const body = { kind: 'text', text: 'new', clientMessageId: randomUUID() } as const;
    return user.call('sendMessage', { params: { id: large }, body });
  },
  'what opens it': commanded((socket) => socket.command('joinChat', { chatId: large })),
  'a mark': commanded((socket) =>
    socket.command('messageSeen', { chatId: large, seq: MESSAGES / 2 }),
  ),
  'a sync': commanded(async (socket) => socket.command('sync', { cursor: await socket.cursor() })),
};

it.each(Object.entries(acts))(
  'SEQ-2 before the tables are analyzed, %s of a large chat reads little',
  async (name, act) => {
    const uses = await usesOf(database.url, async (url) => {
      await act(new TestUser(url, reader.session));
    });
    // A search reads the messages of four spans, here twice: all messages are of one moment, and any part may have the newest.
    const most = name === 'a search' ? 4 * PAGE : 3 * PAGE;
    for (const table of TABLES) expect(uses.get(table)?.rows, table).toBeLessThanOrEqual(most);
  },
);
