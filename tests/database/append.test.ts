import { randomUUID } from 'node:crypto';
import { ChatId, ClientMessageId, UserId } from '@natter/protocol';
import { AppendWriter, type Bus, type MessageDraft } from '@natter/server/streams';
import { openDatabase } from '@natter/server/database';
import {
  createTestDatabase,
  queryDatabase,
  type SeededGroup,
  seedGroup,
  type TestDatabase,
  testConfig,
  untilSomeoneWaitsForALock,
} from '@natter/testing';
import pg from 'pg';
import { pino } from 'pino';
import {
  bus,
  busTo,
  type Database,
  draftIn,
  holdBatches,
  holdRow,
  inFlight,
  laneOf,
  metrics,
  streamOf,
} from './appending.js';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

let testDatabase: TestDatabase;
let database: Database;
let writer: AppendWriter;
let group: SeededGroup;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const config = testConfig(testDatabase.url);
  database = await openDatabase(config, pino({ level: 'silent' }));
  writer = new AppendWriter(config, database, bus, metrics);
});
afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});
beforeEach(async () => {
  group = await seedGroup(testDatabase.url, 4);
});

const draft = (overrides?: Partial<MessageDraft>) => draftIn(group, overrides);
const laneWith = (laneBus: Bus) => laneOf(testDatabase.url, database, laneBus);
const holdChat = (chatId: string) => holdRow(testDatabase.url, 'chats', chatId);

it('SEQ-1 the same client id from two nodes, one waiting for the lock, leaves no hole', async () => {
  const clientMessageId = ClientMessageId.parse(randomUUID());
  const otherNode = await openDatabase(testConfig(testDatabase.url), pino({ level: 'silent' }));
  const otherWriter = new AppendWriter(testConfig(testDatabase.url), otherNode, bus, metrics);
  const holder = await holdChat(group.chatId);
  const both = [
    writer.append(draft({ clientMessageId })),
    otherWriter.append(draft({ clientMessageId })),
  ];
  await untilSomeoneWaitsForALock(testDatabase.url);
  await holder.release();
  const outcomes = await Promise.all(both);
  await otherNode.onApplicationShutdown();
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['appended', 'duplicate']);
  expect(await streamOf(testDatabase.url, group.chatId)).toEqual({ last_seq: '1', seqs: ['1'] });
  await writer.append(draft());
  expect(await streamOf(testDatabase.url, group.chatId)).toEqual({
    last_seq: '2',
    seqs: ['1', '2'],
  });
});

it('IDEM-1 twins in one batch: the first is stored, a true repeat is its duplicate, other content a conflict', async () => {
  const clientMessageId = ClientMessageId.parse(randomUUID());
  const first = draft({ clientMessageId });
  const holder = await holdChat(group.chatId);
  const sends = [
    writer.append(first),
    writer.append(draft({ clientMessageId })),
    writer.append(draft({ clientMessageId, fingerprint: Buffer.from('other') })),
    writer.append(draft()),
  ];
  await holder.release();
  const outcomes = await Promise.all(sends);
  expect(outcomes).toMatchObject([
    { outcome: 'appended', message: { seq: 1 } },
    { outcome: 'duplicate', messageId: first.id },
    { outcome: 'conflict' },
    { outcome: 'appended', message: { seq: 2 } },
  ]);
});

it('SEQ-1 one send that cannot be stored never fails the other 99 of its batch', async () => {
  const sends = Array.from({ length: 100 }, (_, index) =>
    // PostgreSQL refuses NUL in a text, and with it the whole statement.
    writer.append(draft({ text: index === 42 ? 'nul \0' : `text ${index}` })),
  );
  const results = await Promise.allSettled(sends);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(results[42]?.status).toBe('rejected');
  const { last_seq: lastSeq, seqs } = await streamOf(testDatabase.url, group.chatId);
  expect(lastSeq).toBe('99');
  expect(seqs).toEqual(Array.from({ length: 99 }, (_, index) => String(index + 1)));
});

it('SEQ-1 a chat that another transaction holds stalls no other chat, and answers UNAVAILABLE in time', async () => {
  const other = await seedGroup(testDatabase.url, 1);
  const holder = await holdChat(group.chatId);
  const stalled = writer.append(draft()).catch((error: unknown) => error);
  const elsewhere = await writer.append(
    draft({ chatId: ChatId.parse(other.chatId), senderId: UserId.parse(other.userIds[0]) }),
  );
  expect(elsewhere.outcome).toBe('appended');
  expect(await stalled).toMatchObject({ code: '55P03' });
  await holder.release();
  expect(await writer.append(draft())).toMatchObject({ outcome: 'appended', message: { seq: 1 } });
});

it('SEQ-1 six held chats, more than there are connections to wait on, stall no other chat', async () => {
  const held = await Promise.all(Array.from({ length: 6 }, () => seedGroup(testDatabase.url, 1)));
  const holders = await Promise.all(held.map(({ chatId }) => holdChat(chatId)));
  const stalled = held.map(({ chatId, userIds }) =>
    writer.append(draft({ chatId: ChatId.parse(chatId), senderId: UserId.parse(userIds[0]) })),
  );
  const others = await Promise.all(Array.from({ length: 20 }, () => writer.append(draft())));
  expect(others.every(({ outcome }) => outcome === 'appended')).toBe(true);
  await Promise.all(holders.map((holder) => holder.release()));
  const outcomes = await Promise.all(stalled);
  expect(outcomes.every(({ outcome }) => outcome === 'appended')).toBe(true);
});

it('SEQ-1 sends to a chat that was held when the first of them ran keep their order', async () => {
  const other = await seedGroup(testDatabase.url, 1);
  const lane = laneWith(bus);
  const holder = await holdChat(group.chatId);
  const sends = Array.from({ length: 4 }, () => lane.append(draft()));
  // In the batch behind the first, with the other three.
  await lane.append(
    draft({ chatId: ChatId.parse(other.chatId), senderId: UserId.parse(other.userIds[0]) }),
  );
  await holder.release();
  const outcomes = await Promise.all(sends);
  expect(outcomes).toMatchObject([1, 2, 3, 4].map((seq) => ({ message: { seq } })));
});

it('the next batch is with the database when the one before is told of', async () => {
  const working: number[] = [];
  const lane = laneWith(busTo(() => working.push(inFlight(database))));
  await Promise.all([lane.append(draft()), lane.append(draft()), lane.append(draft())]);
  expect(working).toEqual([1, 0]);
});

it('SEQ-1 what fails while a batch is told of fails neither what is stored nor the lane', async () => {
  const failure = new Error('a listener failed');
  let isFailing = true;
  const lane = laneWith(
    busTo(() => {
      if (isFailing) throw failure;
    }),
  );
  const first = draft();
  await expect(Promise.allSettled([lane.append(first), lane.append(draft())])).resolves.toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ]);
  isFailing = false;
  expect(await lane.append(first)).toEqual({ outcome: 'duplicate', messageId: first.id });
  expect(await lane.append(draft())).toMatchObject({ message: { seq: 3 } });
});

it('MSG-1 who is no member appends nothing, and mentions of non-members are left out', async () => {
  const stranger = await seedGroup(testDatabase.url, 1);
  const strangerId = UserId.parse(stranger.userIds[0]);
  const memberId = UserId.parse(group.userIds[1]);
  expect(await writer.append(draft({ senderId: strangerId }))).toEqual({ outcome: 'notMember' });
  expect(await writer.append(draft({ mentions: [strangerId, memberId] }))).toMatchObject({
    outcome: 'appended',
    message: { mentions: [memberId] },
  });
});

it('DUR-1 2,000 concurrent sends are committed in at most 100 transactions', async () => {
  const groups = await Promise.all(
    Array.from({ length: 20 }, () => seedGroup(testDatabase.url, 1)),
  );
  const before = await transactions();
  const outcomes = await Promise.all(
    Array.from({ length: 2000 }, (_, index) => {
      const { chatId, userIds } = groups[index % groups.length] ?? group;
      return writer.append(
        draft({
          chatId: ChatId.parse(chatId),
          senderId: UserId.parse(userIds[0]),
          text: `text ${index}`,
        }),
      );
    }),
  );
  const committed = (await transactions()) - before;
  expect(outcomes.every(({ outcome }) => outcome === 'appended')).toBe(true);
  process.stdout.write(`2000 sends in ${committed} transactions\n`);
  expect(2000 / committed).toBeGreaterThanOrEqual(20);
});

/** Transactions that appended: each writes one row. */
async function transactions(): Promise<number> {
  const [row] = await queryDatabase<{ count: string }>(
    testDatabase.url,
    'select count(*) from commits',
  );
  return Number(row?.count);
}

it('G26 a node of the version before, which runs on beside this one, appends by the function that it knows', async () => {
  await writer.append(draft());
  const [old] = await queryDatabase<{ outcome: string; seq: string; mentions: unknown }>(
    testDatabase.url,
    `select * from append_batch(
      array[$1]::uuid[], array[$2]::uuid[], array[null]::uuid[], array[$3]::uuid[], array[$4]::uuid[],
      array['same']::bytea[], array['text'], array['hello'], array['{' || $2 || '}'], array[null]::text[],
      array[null]::text[], array[null]::uuid[], array[false], array[null]::text[], false, 140, null)`,
    [group.chatId, group.userIds[1], randomUUID(), randomUUID()],
  );
  expect(old).toMatchObject({ outcome: 'appended', seq: '2', mentions: [group.userIds[1]] });
  expect(await writer.append(draft())).toMatchObject({ message: { seq: 3 } });
});

it('SEQ-1 the append is planned with index lookups also where its tables are empty', async () => {
  const client = new pg.Client({ connectionString: testDatabase.url });
  await client.connect();
  const plans: string[] = [];
  client.on('notice', (notice) => plans.push(notice.message ?? ''));
  await client.query(`load 'auto_explain'`);
  await client.query(`set auto_explain.log_min_duration = 0`);
  await client.query(`set auto_explain.log_nested_statements = on`);
  await client.query(`set client_min_messages = log`);
  await client.query(
    `select * from append_batch(
      array[$1]::uuid[], array[$2]::uuid[], array[null]::uuid[], array[$3]::uuid[], array[$4]::uuid[],
      array[null]::bytea[], array['text'], array['hello'], array['{' || $2 || '}'], array[null]::text[],
      array[null]::text[], array[$5]::uuid[], array[false], array['{' || $6 || '}'], array[1]::bigint[],
      array[1]::bigint[], array[true], array[0]::bigint[], 140, null)`,
    [group.chatId, group.userIds[0], ...Array.from({ length: 4 }, () => randomUUID())],
  );
  await client.end();
  const planWith = (words: string) => plans.find((text) => text.includes(words)) ?? '';
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on/);
  expect(planWith('judged')).toMatch(/Index (Only )?Scan using messages_client_id/);
  // Planned by themselves, so that no statistics can lead to another index, through all of a chat.
  expect(planWith('judged')).toMatch(/Subquery Scan on prior\b/);
  expect(planWith('replyNotFound')).toMatch(/Subquery Scan on s\b/);
  expect(planWith('known.ids')).toMatch(/Index (Only )?Scan using members_(pkey|user) /);
  expect(planWith('known.ids')).toMatch(
    /Index Cond: .*(chat_id = .*user_id = |user_id = .*chat_id = )/,
  );
  expect(planWith('media_view')).toMatch(/Index Scan using media_pkey/);
});

const SEND_WAIT_MS = 50;

it('G16 a lane that is behind refuses more, once more than a batch waits in it', async () => {
  const config = testConfig(testDatabase.url, {
    writers: 1,
    capacity: { sendWaitMs: SEND_WAIT_MS },
  });
  const hasty = new AppendWriter(config, database, bus, metrics);
  // The lane waits for its first batch, which waits for the table.
  const batches = await holdBatches(testDatabase.url);
  const first = hasty.append(draft());
  await untilSomeoneWaitsForALock(testDatabase.url);
  const few = Array.from({ length: 99 }, () => hasty.append(draft()));
  // Time alone is what makes the lane be behind.
  await new Promise((resolve) => {
    setTimeout(resolve, 2 * SEND_WAIT_MS);
  });
  const last = hasty.append(draft());
  await expect(hasty.append(draft())).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryAfterMs: expect.any(Number),
  });
  await batches.release();
  for (const outcome of await Promise.all([first, ...few, last])) {
    expect(outcome.outcome).toBe('appended');
  }
  expect((await hasty.append(draft())).outcome).toBe('appended');
});
