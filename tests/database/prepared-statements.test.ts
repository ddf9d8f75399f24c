import { randomUUID } from 'node:crypto';
import { ChatId, MessageId, UserId } from '@natter/protocol';
import { openDatabase } from '@natter/server/database';
import { AppendWriter } from '@natter/server/streams';
import {
  createTestDatabase,
  queryDatabase,
  seedGroup,
  type TestDatabase,
  testConfig,
} from '@natter/testing';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

type Database = Awaited<ReturnType<typeof openDatabase>>;
type Queries = Pick<Database, 'getExecutor'>;

/** More than it takes to be known to come often. */
const OFTEN = 150;
/** So long that it is worth it. */
const padding = sql.raw(`/* ${'as long as a page of messages '.repeat(20)} */`);

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await queryDatabase(testDatabase.url, 'create table shelves (place integer primary key)');
});
afterAll(() => testDatabase.drop());
beforeEach(async () => {
  await database?.onApplicationShutdown();
  const config = testConfig(testDatabase.url, { databasePool: 1 });
  database = await openDatabase(config, pino({ level: 'silent' }));
  await queryDatabase(testDatabase.url, 'truncate shelves');
});
afterAll(() => database.onApplicationShutdown());

async function shelves(place = 0, queries: Queries = database): Promise<object[]> {
  const { rows } = await sql<object>`
    select s.* from shelves s where s.place >= ${place} ${padding}`.execute(queries);
  return rows;
}

async function readOften(): Promise<void> {
  for (let read = 0; read < OFTEN; read += 1) await shelves();
}

async function preparedNames(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(
    database,
  );
  return rows.map(({ name }) => name);
}

it('a long statement that comes often is prepared, and answers as before', async () => {
  await shelves();
  expect(await preparedNames()).toEqual([]);
  await readOften();
  expect(await preparedNames()).toHaveLength(1);
  await queryDatabase(testDatabase.url, 'insert into shelves values (1), (2)');
  expect(await shelves(2)).toEqual([{ place: 2 }]);
});

it('so is the append of messages, on connections of its own', async () => {
  const { chatId, userIds } = await seedGroup(testDatabase.url, 1);
  const bus = { publish: () => undefined, subscribe: () => undefined };
  const metrics = { watch: () => undefined, batchCommitted: () => undefined };
  const writer = new AppendWriter(testConfig(testDatabase.url), database, bus, metrics);
  for (let number = 0; number < OFTEN; number += 1) {
    await writer.append({
      id: MessageId.parse(randomUUID()),
      chatId: ChatId.parse(chatId),
      kind: 'text',
      senderId: UserId.parse(userIds[0]),
      text: 'hello',
    });
  }
  const { rows } = await sql<{ statement: string }>`
    select statement from pg_prepared_statements`.execute(database.writers);
  expect(rows).toEqual([{ statement: expect.stringContaining('append_batch') }]);
});

it('a statement with a list of values that is written out is not: there are too many of them', async () => {
  for (let read = 0; read < OFTEN; read += 1) {
    await database
      .selectFrom('users')
      .select(['id', 'username', 'display_name', 'created_at'])
      .where(sql<number>`length(username)`, 'in', [1, 2])
      .execute();
  }
  expect(await preparedNames()).toEqual([]);
});

it('a table that changes under a prepared statement fails nothing outside of a transaction', async () => {
  await readOften();
  await queryDatabase(testDatabase.url, 'alter table shelves add column title text');
  await queryDatabase(testDatabase.url, `insert into shelves values (1, 'maps')`);
  expect(await shelves()).toEqual([{ place: 1, title: 'maps' }]);
  expect(await shelves()).toEqual([{ place: 1, title: 'maps' }]);
  // On a new connection it is prepared again.
  expect(await preparedNames()).toHaveLength(1);
  await queryDatabase(testDatabase.url, 'alter table shelves drop column title');
});

it('names that a pooler has mixed up fail nothing, and nothing is prepared from there on', async () => {
  await readOften();
  await sql`deallocate all`.execute(database);
  expect(await shelves()).toEqual([]);
  await readOften();
  expect(await preparedNames()).toEqual([]);
});

it('within a transaction such a failure may be tried again', async () => {
  await readOften();
  const attempt = database.transaction().execute(async (queries) => {
    await sql`deallocate all`.execute(queries);
    await shelves(0, queries);
  });
  await expect(attempt).rejects.toMatchObject({ code: '26000' });
  expect(await shelves()).toEqual([]);
});
