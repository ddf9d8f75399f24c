import {
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

const OWN_CHATS = 1000;
const OTHER_CHATS = 5000;
const OTHER_MEMBERS = 30;
const TABLES = ['chats', 'members', 'marks', 'preferences', 'users'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('CHAT-4 the list of a user with 1,000 chats among 5,000 others reads no table from end to end', async () => {
  const crowd = await seedGroup(database.url, OTHER_MEMBERS);
  await seedGroupsOf(database.url, crowd.userIds, OTHER_CHATS);
  const first = await startTestServer({ databaseUrl: database.url });
  const anna = await first.user();
  const ben = await first.user();
  const ids = await seedGroupsOf(database.url, [anna.id], OWN_CHATS);
  await anna.direct(ben);
  await first.stop();
  await queryDatabase(
    database.url,
    `insert into preferences (chat_id, user_id, pinned_at)
     select chat_id, $1, now() from unnest($2::uuid[]) chat_id
     union all select gen_random_uuid(), gen_random_uuid(), now() from generate_series(1, 5000)`,
    [anna.id, ids.slice(0, 100)],
  );
  await queryDatabase(
    database.url,
    `insert into users (id, username, display_name, password_hash)
     select gen_random_uuid(), 'crowd' || n, 'Crowd', '' from generate_series(1, 5000) n`,
  );
  await queryDatabase(database.url, `update chats set visibility = 'public' where id = $1`, [
    ids[0],
  ]);
  await queryDatabase(database.url, 'analyze');

  const requests = [
    {},
    { filter: 'unread' },
    { filter: 'direct' },
    { filter: 'group' },
    { filter: 'archived' },
    { query: 'group 1' },
    { query: 'group 1', filter: 'group' },
    { filter: 'public' },
  ] as const;
  let pages = 0;
  const uses = await usesOf(database.url, async (url) => {
    const reader = new TestUser(url, anna.session);
    for (const query of requests) {
      const { body } = await reader.call('listChats', { query });
      pages += 1;
      if (body.nextCursor === undefined) continue;
      await reader.call('listChats', { query: { ...query, cursor: body.nextCursor } });
      pages += 1;
    }
  });
  expect(uses.get('chats')?.rows).toBeGreaterThan(OWN_CHATS);
  for (const table of TABLES) expect(uses.get(table)?.scans, table).toBe(0);
  // Each page looks at the reader's own chats, and reads those that it shows.
  for (const table of ['chats', 'members', 'marks', 'preferences'])
    expect(uses.get(table)?.rows, table).toBeLessThan(pages * OWN_CHATS * 2);
});
