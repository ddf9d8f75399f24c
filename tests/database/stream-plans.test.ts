import { randomUUID } from 'node:crypto';
import {
  chatsBehindIndex,
  createTestDatabase,
  queryDatabase,
  seedGroup,
  seedGroupsOf,
  startTestServer,
  type TestDatabase,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type TableUse, usesByPlans, usesOf } from './table-uses.js';

const OWN_CHATS = 100;
const OTHER_CHATS = 2000;
const MESSAGES_EACH = 5;
const LARGE_CHAT_MESSAGES = 40_000;
const PAGE = 50;
/** On PostgreSQL 15 and 18, 50 to 76 were seen to be read for a page; half of the chat fills 80 more, of the index alone. */
const PAGE_BLOCKS = 110;
const ROWS_OF_OTHERS = 60_000;
// Not the chats: a server that starts looks through them for what is not indexed.
const TABLES = ['messages', 'changes', 'members', 'marks', 'preferences', 'hidden', 'users'];

let database: TestDatabase;
let reader: TestUser;
let writer: TestUser;
/** A member of no chat but those that a test makes him one of. */
let loner: TestUser;
/** The first of them is large. */
let ownChats: string[];

async function fill(chatIds: readonly string[], senderId: string, messages: number): Promise<void> {
  await queryDatabase(
    database.url,
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select chat_id, n, n, gen_random_uuid(), 'text', $2, 'words', now()
     from unnest($1::uuid[]) chat_id, generate_series(1, $3::integer) n`,
    [chatIds, senderId, messages],
  );
  await queryDatabase(
    database.url,
    'update chats set last_seq = $2, last_ordinal = $2 where id = any ($1)',
    [chatIds, messages],
  );
}

/** Tables that are small are read from end to end, whatever their indexes. */
async function fillOfOthers(): Promise<void> {
  const someones = `from generate_series(1, ${ROWS_OF_OTHERS}) n`;
  for (const statement of [
    `insert into changes (chat_id, seq, event, message_id, message_seq, user_id, created_at)
     select gen_random_uuid(), n, 'messagePinned', gen_random_uuid(), n, gen_random_uuid(), now() ${someones}`,
    `insert into preferences (chat_id, user_id) select gen_random_uuid(), gen_random_uuid() ${someones}`,
    `insert into hidden (user_id, chat_id, seq) select gen_random_uuid(), gen_random_uuid(), n ${someones}`,
    `insert into users (id, username, display_name, password_hash)
     select gen_random_uuid(), 'someone-' || n, 'Someone', '' ${someones}`,
  ])
    await queryDatabase(database.url, statement);
}

/** How many rows were read of a table; none of the tables was read from end to end. */
function rowsOf(uses: ReadonlyMap<string, TableUse>, table: string): number {
  for (const name of TABLES) expect(uses.get(name)?.scans ?? 0, `scans of ${name}`).toBe(0);
  return uses.get(table)?.rows ?? 0;
}

beforeAll(async () => {
  database = await createTestDatabase();
  const crowd = await seedGroup(database.url, 30);
  const [other = ''] = crowd.userIds;
  const server = await startTestServer({ databaseUrl: database.url });
  reader = await server.user();
  writer = await server.user();
  loner = await server.user();
  await server.stop();
  const members = [reader.id, writer.id, ...crowd.userIds];
  ownChats = await seedGroupsOf(database.url, members, OWN_CHATS);
  const others = await seedGroupsOf(database.url, crowd.userIds, OTHER_CHATS);
  const [large = '', ...small] = ownChats;
  await fill([large], other, LARGE_CHAT_MESSAGES);
  await fill([...small, ...others], other, MESSAGES_EACH);
  await fillOfOthers();
  const indexing = await startTestServer({ databaseUrl: database.url });
  await vi.waitUntil(async () => (await chatsBehindIndex(database.url)) === 0, {
    timeout: 50_000,
    interval: 100,
  });
  await indexing.stop();
  await queryDatabase(database.url, 'vacuum analyze');
});
afterAll(() => database.drop());

const MIDDLE = String(LARGE_CHAT_MESSAGES / 2);
const BOUNDS: readonly Readonly<Record<string, string>>[] = [
  {},
  { before: MIDDLE },
  { after: MIDDLE },
  { around: MIDDLE },
];

it.each(BOUNDS)('SEQ-2 a page of a large chat reads what it shows: %j', async (query) => {
  const params = { id: ownChats[0] ?? '' };
  const uses = await usesOf(database.url, async (url) => {
    const { body } = await new TestUser(url, reader.session).call('getHistory', { params, query });
    expect(body.items).toHaveLength(PAGE);
  });
  // One message more tells whether there is another page, and a quarter more entries are looked at; around one, a page each way.
  expect(rowsOf(uses, 'messages')).toBeLessThanOrEqual(3 * PAGE);
  expect(uses.get('messages')?.blocks).toBeLessThanOrEqual(PAGE_BLOCKS);
});

it('SEQ-2 of a large chat that its reader has cleared pages read what is left', async () => {
  const left = 10;
  const middle = LARGE_CHAT_MESSAGES - left / 2;
  const [id = ''] = ownChats;
  const server = await startTestServer({ databaseUrl: database.url });
  const clearing = await server.user();
  await server.stop();
  for (const [statement, ...values] of [
    [`insert into members (chat_id, user_id, role, joined_seq) values ($1, $2, 'member', 0)`],
    ['insert into marks (chat_id, user_id) values ($1, $2)'],
    [
      'insert into preferences (chat_id, user_id, cleared_seq) values ($1, $2, $3)',
      LARGE_CHAT_MESSAGES - left,
    ],
  ] as const)
    await queryDatabase(database.url, statement, [id, clearing.id, ...values]);
  const oldest = LARGE_CHAT_MESSAGES - left + 1;
  for (const [query, count] of [
    [{}, left],
    [{ before: String(middle) }, middle - oldest],
    [{ after: '0' }, left],
  ] as const) {
    const uses = await usesOf(database.url, async (url) => {
      const user = new TestUser(url, clearing.session);
      const { body } = await user.call('getHistory', { params: { id }, query });
      expect(body.items.map(({ seq }) => seq)).toEqual(
        Array.from({ length: count }, (_, index) => oldest + index),
      );
      expect(body.hasMoreBefore).toBe(false);
    });
    // A page and a quarter is looked at before it is known that all of it but this is cleared.
    expect(rowsOf(uses, 'messages')).toBeLessThanOrEqual(2 * PAGE);
    expect(uses.get('messages')?.blocks).toBeLessThanOrEqual(PAGE_BLOCKS);
  }
});

it('SEQ-1 a page of the log of a large chat reads what it shows', async () => {
  const params = { id: ownChats[0] ?? '' };
  const uses = await usesOf(database.url, async (url) => {
    const query = { after: MIDDLE, limit: String(PAGE) };
    const { body } = await new TestUser(url, reader.session).call('getLog', { params, query });
    expect(body.entries).toHaveLength(PAGE);
  });
  // Found by seq, and then read with what is quoted.
  expect(rowsOf(uses, 'messages')).toBeLessThanOrEqual(2 * (PAGE + 2));
});

it('SYNC-1 a sync reads what is new, and one row of each own chat for each of its questions', async () => {
  const missed = ownChats.slice(0, 20);
  let pages = 0;
  const uses = await usesOf(database.url, async (url) => {
    const socket = await new TestUser(url, reader.session).connect();
    let { cursor } = await socket.command('sync', {});
    const sender = new TestUser(url, writer.session);
    for (const id of missed) {
      const body = { kind: 'text', text: 'new', clientMessageId: randomUUID() };
      await sender.call('sendMessage', { params: { id }, body });
    }
    for (let hasMore = true; hasMore;) {
      const page = await socket.command('sync', { cursor, limit: 10 });
      ({ cursor, hasMore } = page);
      pages += 1;
    }
    socket.close();
  });
  expect(pages).toBeGreaterThan(1);
  // Each is read for its sender's answer, for the sockets, for the search and for the sync, which counts before it reads.
  expect(rowsOf(uses, 'messages')).toBeLessThan(missed.length * 10);
  expect(rowsOf(uses, 'members')).toBeLessThan(pages * OWN_CHATS * 8);
});

it('SYNC-1 a sync reads what is new also by the plans that are kept for anybody', async () => {
  const body = { kind: 'text', text: 'new', clientMessageId: randomUUID() } as const;
  const params = { id: ownChats[0] ?? '' };
  const uses = await usesByPlans(database.url, 'generic', async (url) => {
    const socket = await new TestUser(url, reader.session).connect();
    const cursor = await socket.cursor();
    await new TestUser(url, writer.session).call('sendMessage', { params, body });
    const { entries } = await socket.command('sync', { cursor });
    expect(entries).toHaveLength(1);
    socket.close();
  });
  // Of members everybody has many here, so that such a plan may read them all.
  expect(uses.get('messages')?.rows).toBeLessThan(OWN_CHATS);
});

it('SYNC-1 a sync does not look through the chats of others', async () => {
  const syncs = 20;
  const scansWith = async (count: number) => {
    const uses = await usesOf(database.url, async (url) => {
      const socket = await new TestUser(url, reader.session).connect();
      let { cursor } = await socket.command('sync', {});
      for (let sync = 0; sync < count; sync += 1) {
        ({ cursor } = await socket.command('sync', { cursor }));
      }
      socket.close();
    });
    return uses.get('chats')?.scans ?? 0;
  };
  // What a server looks through when it starts, or now and then.
  const without = await scansWith(0);
  expect(await scansWith(syncs)).toBeLessThan(without + syncs / 2);
});

it('DUR-1 a send reads no more of a large chat than of a small one', async () => {
  const sends = 10;
  const rowsOfSendsTo = async (id = '') => {
    const uses = await usesOf(database.url, async (url) => {
      const sender = new TestUser(url, writer.session);
      for (let send = 0; send < sends; send += 1) {
        const body = { kind: 'text', text: 'new', clientMessageId: randomUUID() };
        await sender.call('sendMessage', { params: { id }, body });
      }
    });
    return rowsOf(uses, 'messages');
  };
  const small = await rowsOfSendsTo(ownChats.at(-1));
  const large = await rowsOfSendsTo(ownChats[0]);
  // What the search reads of a send may fall among the others.
  expect(large).toBeLessThanOrEqual(small + 2 * sends);
  expect(large).toBeLessThan(sends * 10);
});

it('SYNC-1 of a large group a sync reads one mark', async () => {
  const large = await seedGroup(database.url, 1000);
  for (const statement of [
    `insert into members (chat_id, user_id, role, joined_seq) values ($1, $2, 'member', 0)`,
    'insert into marks (chat_id, user_id) values ($1, $2)',
    'update chats set member_count = 1001 where id = $1 and $2::uuid is not null',
  ])
    await queryDatabase(database.url, statement, [large.chatId, loner.id]);
  await queryDatabase(database.url, 'vacuum analyze');
  const uses = await usesOf(database.url, async (url) => {
    const socket = await new TestUser(url, loner.session).connect();
    const { cursor } = await socket.command('sync', {});
    await socket.command('sync', { cursor });
    socket.close();
  });
  expect(rowsOf(uses, 'marks')).toBeLessThanOrEqual(1);
});
