import { openDatabase } from '@natter/server/database';
import { UserEventsRetention } from '@natter/server/streams';
import { queryDatabase, startTestServer, type TestServer, testConfig } from '@natter/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function sweep(): Promise<number> {
  const logger = pino({ level: 'silent' });
  const database = await openDatabase(testConfig(server.databaseUrl), logger);
  try {
    return await new UserEventsRetention(database, logger).sweep();
  } finally {
    await database.onApplicationShutdown();
  }
}

/** As many events as that many changes of a draft make, all of them this old. */
async function fill(userId: string, chatId: string, count: number, days: number): Promise<void> {
  await queryDatabase(
    server.databaseUrl,
    `with head as (
       update user_streams set last_seq = last_seq + $3::int where user_id = $1 returning last_seq - $3::int as before
     )
     insert into user_events (user_id, user_seq, event, chat_id, created_at)
     select $1, head.before + n, 'draftChanged', $2, now() - make_interval(days => $4::int)
     from head, generate_series(1, $3::int) n`,
    [userId, chatId, count, days],
  );
}

async function storedOf(userId: string): Promise<{ count: number; last: number }> {
  const [row] = await queryDatabase<{ count: string; last: string }>(
    server.databaseUrl,
    `select count(e.user_seq), s.last_seq as last from user_streams s left join user_events e using (user_id)
     where user_id = $1 group by s.last_seq`,
    [userId],
  );
  return { count: Number(row?.count), last: Number(row?.last) };
}

it('T84 a stream of one’s own keeps the events that a sync can ask for, and goes on at its head', async () => {
  const [busy, quiet] = await Promise.all([server.user(), server.user()]);
  const chat = await busy.direct(quiet);
  const socket = await busy.connect();
  const [{ cursor }, before] = await Promise.all([socket.command('sync', {}), storedOf(quiet.id)]);
  await fill(busy.id, chat.id, 10_000, 0);
  const { last } = await storedOf(busy.id);
  await fill(busy.id, chat.id, 7000, 0);
  expect(await sweep()).toBe(last + 7000 - 11_000);
  expect(await sweep()).toBe(0);
  expect(await storedOf(busy.id)).toEqual({ count: 11_000, last: last + 7000 });
  expect(await storedOf(quiet.id)).toEqual(before);
  expect((await socket.command('sync', { cursor })).reset).toBe(true);
  const { userSeq } = await socket.command('setDraft', { chatId: chat.id, text: 'one more' });
  expect(userSeq).toBe(last + 7001);
  busy.disconnect();
});

it('T84 SYNC-1 a cursor that is not answered with reset loses nothing by a sweep, also in a run of pages', async () => {
  const user = await server.user();
  const chat = await user.group();
  const socket = await user.connect();
  const { cursor } = await socket.command('sync', {});
  const { last } = await storedOf(user.id);
  await fill(user.id, chat.id, 9999, 0);
  const first = await socket.command('sync', { cursor, limit: 1 });
  expect(first).toMatchObject({ reset: false, entries: [{ payload: { userSeq: last + 1 } }] });
  // Meanwhile what is next for this run falls behind.
  await fill(user.id, chat.id, 2002, 0);
  await sweep();
  expect(await socket.command('sync', { cursor: first.cursor, limit: 1 })).toMatchObject({
    reset: true,
    entries: [],
  });
  user.disconnect();
});

it('T84 events that are older than any cursor are deleted, younger ones stay', async () => {
  const user = await server.user();
  const chat = await user.group();
  await sweep();
  const before = await storedOf(user.id);
  await fill(user.id, chat.id, 6000, 61);
  await fill(user.id, chat.id, 10, 59);
  expect(await sweep()).toBe(6000);
  expect(await storedOf(user.id)).toEqual({ count: before.count + 10, last: before.last + 6010 });
});
