import {
  createTestDatabase,
  seedGroup,
  type SeededGroup,
  type TestDatabase,
} from '@natter/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

const GROWN = 1000;

let database: TestDatabase;
let group: SeededGroup;
/** One connection, as a writer has it: its plans are those of its first use, when there was one message. */
let client: pg.Client;

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: database.url });
  await connected.connect();
  return connected;
}

beforeAll(async () => {
  database = await createTestDatabase();
  group = await seedGroup(database.url, 2);
  client = await connect();
  // Statistics would bring better plans; on a fresh server there are none.
  await client.query('alter table messages set (autovacuum_enabled = off)');
  const other = await connect();
  await send(1, 'nothing', other);
  await other.end();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Sends that many messages; where it says so, each answers one that is not there. */
async function send(
  count: number,
  replyTo: 'nothing' | 'unknown' = 'nothing',
  by = client,
): Promise<string[]> {
  const { rows } = await by.query<{ outcome: string }>(
    `with drafts as (
       select array_agg($1::uuid) as chats, array_agg($2::uuid) as senders, array_agg(null::uuid) as devices,
         array_agg(gen_random_uuid()) as ids, array_agg(gen_random_uuid()) as client_ids,
         array_agg('same'::bytea) as fingerprints, array_agg('text'::text) as kinds, array_agg('hello'::text) as texts,
         array_agg(null::text) as mentions, array_agg(null::text) as encrypted, array_agg(null::text) as systems,
         array_agg(case when $4 = 'unknown' then gen_random_uuid() end) as replies, array_agg(false) as forwarded,
         array_agg(null::text) as media, array_agg(place::bigint) as places, array_agg(place = $3) as lasts,
         array_agg(case when place = $3 then 0::bigint end) as others
       from generate_series(1, $3) place
     )
     select a.outcome from drafts d, append_batch(
       d.chats, d.senders, d.devices, d.ids, d.client_ids, d.fingerprints, d.kinds, d.texts, d.mentions, d.encrypted,
       d.systems, d.replies, d.forwarded, d.media, d.places, d.places, d.lasts, d.others, 140, null) a`,
    [group.chatId, group.userIds[0], count, replyTo],
  );
  return rows.map(({ outcome }) => outcome);
}

async function rowsRead(): Promise<number> {
  const { rows } = await client.query<{ read: string }>(
    `select seq_tup_read + coalesce(idx_tup_fetch, 0) as read
     from pg_stat_xact_user_tables where relname = 'messages'`,
  );
  return Number(rows[0]?.read);
}

/** How many rows of messages an action reads. */
async function rowsReadBy(action: () => Promise<unknown>): Promise<number> {
  await client.query('begin');
  const before = await rowsRead();
  await action();
  const after = await rowsRead();
  await client.query('rollback');
  return after - before;
}

it('SEQ-1 sends whose plan was made while a chat was new read none of its messages when it has grown', async () => {
  expect(await send(1)).toEqual(['appended']);
  expect(await send(GROWN)).toHaveLength(GROWN);
  expect(await rowsReadBy(() => send(100))).toBe(0);
  expect(await rowsReadBy(() => send(100, 'unknown'))).toBe(0);
});

it('RCPT-1 whom a mark concerns is found among the messages that it covers, with such a plan as well', async () => {
  const audience = (from: number, to: number) =>
    client.query('select * from mark_audiences($1, $2, $3, $4, $3, $4, 0, 1000)', [
      [group.chatId],
      [group.userIds[1]],
      [from],
      [to],
    ]);
  expect((await audience(GROWN - 1, GROWN)).rows).toHaveLength(1);
  expect(await rowsReadBy(() => audience(GROWN - 1, GROWN))).toBe(2);
});
