import { openDatabase } from '@natter/server/database';
import { createTestDatabase, queryDatabase, type TestDatabase, testConfig } from '@natter/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';

const silent = pino({ level: 'silent' });
let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function emptyDatabase(): Promise<void> {
  await queryDatabase(database.url, 'drop schema public cascade');
  await queryDatabase(database.url, 'create schema public');
}

it('three nodes that start at once on an empty database migrate it once', async () => {
  await emptyDatabase();
  const nodes = await Promise.all(
    [1, 2, 3].map(() => openDatabase(testConfig(database.url), silent)),
  );
  const rows = await queryDatabase(
    database.url,
    'select name from schema_migrations order by name',
  );
  expect(rows.map(({ name }) => name)).toEqual([
    '0001-streams',
    '0002-append',
    '0003-profiles',
    '0004-preferences',
    '0005-conversation',
    '0006-append-replies',
    '0007-move-marks',
    '0008-presence',
    '0009-blocks-and-timers',
    '0010-sessions',
    '0011-search',
    '0012-similar-names',
    '0013-media',
    '0014-append-media',
    '0015-push',
    '0016-steady-cost',
    '0017-mark-audiences',
    '0018-append-stages',
    '0019-compact-checks',
    '0020-append-places',
    '0021-search-spans',
    '0022-lookups',
  ]);
  await Promise.all(nodes.map((node) => node.onApplicationShutdown()));
});

it('a schema newer than the code is refused by name, and left as it is', async () => {
  await queryDatabase(
    database.url,
    `insert into schema_migrations values ('9999-from-the-future', now()::text)`,
  );
  await expect(openDatabase(testConfig(database.url), silent)).rejects.toThrow(
    /newer than this version.*9999-from-the-future/s,
  );
});

it('a migration that fails leaves nothing behind', async () => {
  await emptyDatabase();
  // Something else owns a name that the schema needs.
  await queryDatabase(database.url, 'create table commits (something integer)');
  await expect(openDatabase(testConfig(database.url), silent)).rejects.toThrow(/commits/);
  const tables = await queryDatabase(
    database.url,
    `select table_name from information_schema.tables where table_schema = 'public' and table_name = 'messages'`,
  );
  expect(tables).toEqual([]);
  await queryDatabase(database.url, 'drop table commits');
  const node = await openDatabase(testConfig(database.url), silent);
  await node.onApplicationShutdown();
});

it.each([
  ['type', `'channel'`],
  ['type', `'group'`],
  ['visibility', `'secret'`],
  ['send_setting', `'nobody'`],
  ['add_members_setting', `'nobody'`],
  ['edit_info_setting', `'nobody'`],
  ['direct_low', 'null'],
])('a chat whose %s becomes %s is refused by the database', async (column, value) => {
  await queryDatabase(
    database.url,
    `insert into chats (id, type, created_by, member_count, direct_low, direct_high)
     select id, 'direct', id, 2, id, id from gen_random_uuid() as id`,
  );
  await expect(
    queryDatabase(database.url, `update chats set ${column} = ${value}`),
  ).rejects.toMatchObject({ code: '23514', constraint: 'chats_values' });
});

it('a mark with another status is refused by the database', async () => {
  const insert = (status: string): Promise<unknown> =>
    queryDatabase(
      database.url,
      `insert into mark_history (chat_id, user_id, seq, status, at)
       select id, id, 1, '${status}', now() from gen_random_uuid() as id`,
    );
  await insert('seen');
  await expect(insert('read')).rejects.toMatchObject({ constraint: 'mark_history_values' });
});
