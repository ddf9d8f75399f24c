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
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usesOf } from './table-uses.js';

const OWN_GROUPS = 100;
const OTHER_GROUPS = 100;
const MESSAGES = 100;
/** How many messages are indexed as one, in a row of the index. */
const SPAN = 16;
const SPANS = Math.ceil(MESSAGES / SPAN);
const TABLES = ['messages', 'search_tokens', 'search_segments', 'members', 'users'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await queryDatabase(
    database.url,
    `insert into users (id, username, display_name, password_hash)
     select gen_random_uuid(), left(md5(n::text), 20), md5((n + 100000)::text), '' from generate_series(1, 5000) n`,
  );
});
afterAll(() => database.drop());

async function fill(chatIds: readonly string[], senderId: string): Promise<void> {
  await queryDatabase(
    database.url,
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select chat_id, n, n, gen_random_uuid(), 'text', $2, 'common words ' || case when n = 1 then 'rarely' else '' end,
       timestamptz '2020-01-01' + g * interval '1 day' + n * interval '1 minute'
     from unnest($1::uuid[]) with ordinality as c (chat_id, g), generate_series(1, ${MESSAGES}) n`,
    [chatIds, senderId],
  );
  await queryDatabase(
    database.url,
    `update chats set last_seq = ${MESSAGES}, last_ordinal = ${MESSAGES} where id = any ($1)`,
    [chatIds],
  );
}

it('SRCH-1 a search reads no table from end to end, and nothing of others', async () => {
  const crowd = await seedGroup(database.url, 5);
  const first = await startTestServer({ databaseUrl: database.url });
  const anna = await first.user();
  const loner = await first.user();
  await first.stop();
  const own = await seedGroupsOf(database.url, [anna.id, ...crowd.userIds], OWN_GROUPS);
  const others = await seedGroupsOf(database.url, crowd.userIds, OTHER_GROUPS);
  const [sender = ''] = crowd.userIds;
  await fill([...own, ...others], sender);
  const second = await startTestServer({ databaseUrl: database.url });
  const behind = () => chatsBehindIndex(database.url);
  await expect.poll(behind, { timeout: 50_000, interval: 100 }).toBe(0);
  await second.stop();
  await queryDatabase(database.url, 'vacuum analyze');

  const common = await usesOf(database.url, async (url) => {
    const { body } = await new TestUser(url, anna.session).call('searchMessages', {
      query: { query: 'common', limit: 10 },
    });
    expect(body.items).toHaveLength(10);
  });
  const rare = await usesOf(database.url, async (url) => {
    const { body } = await new TestUser(url, anna.session).call('searchMessages', {
      query: { query: 'rarel', limit: 100 },
    });
    expect(body.items).toHaveLength(OWN_GROUPS);
  });
  const nothing = await usesOf(database.url, async (url) => {
    const { body } = await new TestUser(url, loner.session).call('searchMessages', {
      query: { query: 'common' },
    });
    expect(body).toEqual({ items: [] });
  });
  for (const uses of [common, rare, nothing])
    for (const table of TABLES) expect(uses.get(table)?.scans, table).toBe(0);
  // A full page is found in the newest segments alone.
  expect(common.get('search_tokens')?.rows).toBeLessThanOrEqual(4 * SPANS + 10);
  expect(common.get('messages')?.rows).toBeLessThan(100);
  // A rare word costs its own messages, in however many chats they are. Their spans are found, and read.
  expect(rare.get('search_tokens')?.rows).toBeLessThanOrEqual(2 * OWN_GROUPS);
  expect(rare.get('messages')?.rows).toBeLessThan(OWN_GROUPS * 5);
  expect(nothing.get('search_tokens')?.rows).toBe(0);
  expect(nothing.get('messages')?.rows).toBe(0);
});

it('USER-1 similar names are found by their indexes', async () => {
  const first = await startTestServer({ databaseUrl: database.url });
  const reader = await first.user();
  const wanted = await first.user('margarethe.schneider');
  await first.stop();
  await queryDatabase(database.url, 'vacuum analyze');
  const uses = await usesOf(database.url, async (url) => {
    const { body } = await new TestUser(url, reader.session).call('listUsers', {
      query: { query: 'margarete.schnieder' },
    });
    expect(body.items.map(({ id }) => id)).toEqual([wanted.id]);
  });
  expect(uses.get('users')?.scans).toBe(0);
  expect(uses.get('users')?.rows).toBeLessThan(500);
});
