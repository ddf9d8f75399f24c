import { discardingPool, openDatabase } from '@natter/server/database';
import { createTestDatabase, type TestDatabase, testConfig } from '@natter/testing';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** PostgreSQL's process behind the only connection. */
const backend = sql<{ id: number }>`select pg_backend_pid() as id`;

let testDatabase: TestDatabase;
let database: Awaited<ReturnType<typeof openDatabase>>;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const config = testConfig(testDatabase.url, {
    databasePool: 1,
    databasePatience: { connectionMs: 5000, queryMs: 1000 },
  });
  database = await openDatabase(config, pino({ level: 'silent' }));
});
afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

it('a connection is the same client each time: Kysely remembers each one that it was given', async () => {
  const pool = discardingPool(database.pool, 0);
  const first = await pool.connect();
  first.release();
  const second = await pool.connect();
  second.release();
  expect(second).toBe(first);
});

it('a query that is not answered in time fails, and its connection is replaced', async () => {
  const { rows: before } = await backend.execute(database);
  const asked = sql`select pg_sleep(60)`.execute(database);
  await expect(asked).rejects.toThrow('Query read timeout');
  const { rows: after } = await backend.execute(database);
  expect(after[0]?.id).toBeGreaterThan(0);
  expect(after[0]?.id).not.toBe(before[0]?.id);
});
