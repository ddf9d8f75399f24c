import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChatId } from '@natter/protocol';
import { openDatabase } from '@natter/server/database';
import { AppendWriter } from '@natter/server/streams';
import {
  createTestDatabase,
  type SeededGroup,
  seedGroup,
  type TestDatabase,
  testConfig,
  waitingForLocks,
} from '@natter/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import {
  busTo,
  type Database,
  draftIn,
  hold,
  holdBatches,
  inFlight,
  metrics,
} from './appending.js';

/** So many sends wait before another lane joins. */
const CROWDED = 50;

let testDatabase: TestDatabase;
let config: ReturnType<typeof testConfig>;
let database: Database;
let writer: AppendWriter;
let groups: SeededGroup[];
let published: [chatId: ChatId, seq: number][];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  config = testConfig(testDatabase.url, { writers: 3 });
  database = await openDatabase(config, pino({ level: 'silent' }));
});
afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});
beforeEach(async () => {
  groups = await Promise.all(Array.from({ length: 5 }, () => seedGroup(testDatabase.url, 1)));
  published = [];
  const noting = busTo(({ chatEntries }) => {
    for (const { chatId, seq } of chatEntries) published.push([chatId, seq]);
  });
  writer = new AppendWriter(config, database, noting, metrics);
});

/** Sends to a group; resolves with the numbers that they got. */
async function send(groupIndex: number, count: number): Promise<(number | undefined)[]> {
  const group = groups[groupIndex];
  if (!group) throw new Error(`There is no group ${groupIndex}`);
  const drafts = Array.from({ length: count }, () => draftIn(group));
  const outcomes = await Promise.all(drafts.map((draft) => writer.append(draft)));
  return outcomes.map((outcome) =>
    outcome.outcome === 'appended' ? outcome.message.seq : undefined,
  );
}

function firstSeqs(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function untilInFlight(count: number): Promise<void> {
  await vi.waitFor(() => expect(inFlight(database)).toBe(count));
}

it('SEQ-1 a second batch is on its way only where many sends wait, to chats that are not in the first', async () => {
  const held = await holdBatches(testDatabase.url);
  const first = send(0, 1);
  await untilInFlight(1);
  const few = send(1, CROWDED - 1);
  const sameChat = send(0, 2 * CROWDED);
  // Longer than it takes a batch to get to the database.
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  expect(inFlight(database)).toBe(1);
  // One is enough; the others are those that come when it is looked at again.
  const more = send(2, CROWDED);
  await untilInFlight(2);
  await held.release();
  expect(await first).toEqual([1]);
  expect(await sameChat).toEqual(firstSeqs(2 * CROWDED + 1).slice(1));
  expect(await few).toEqual(firstSeqs(CROWDED - 1));
  expect(await more).toEqual(firstSeqs(CROWDED));
});

it('SEQ-1 what has waited for long does not wait for another chat that has more and more to say', async () => {
  const held = await holdBatches(testDatabase.url);
  const sends = [send(0, 1)];
  await untilInFlight(1);
  const alone = send(1, 1);
  await vi.waitFor(() => {
    sends.push(send(0, CROWDED));
    expect(inFlight(database)).toBe(2);
  });
  await held.release();
  expect(await alone).toEqual([1]);
  const seqs = (await Promise.all(sends)).flat();
  expect(seqs).toEqual(firstSeqs(seqs.length));
});

it('SEQ-1 what comes while a chat is held stays behind what waits for a batch since before', async () => {
  const [slow, heldGroup] = groups;
  // The first batch waits for a mark, and the second, which does not, finds a chat held.
  const mark = await hold(
    testDatabase.url,
    `select from marks where chat_id = '${slow?.chatId}' for update`,
  );
  const chat = await hold(
    testDatabase.url,
    `select from chats where id = '${heldGroup?.chatId}' for update`,
  );
  const first = send(0, 1);
  await untilInFlight(1);
  const second = send(2, CROWDED - 1);
  const sends = [send(1, 1), send(1, 10)];
  await second;
  await vi.waitFor(async () => expect(await waitingForLocks(testDatabase.url)).toBe(2));
  sends.push(send(1, 1));
  await chat.release();
  await mark.release();
  expect((await Promise.all(sends)).flat()).toEqual(firstSeqs(12));
  expect(await first).toEqual([1]);
});

it('SEQ-1 no send is left behind two batches', async () => {
  const held = await holdBatches(testDatabase.url);
  const first = send(0, 1);
  await untilInFlight(1);
  const second = send(1, CROWDED);
  await untilInFlight(2);
  const third = [send(0, 3), send(1, 3), send(2, 3)];
  await held.release();
  expect(await first).toEqual([1]);
  expect(await second).toEqual(firstSeqs(CROWDED));
  expect(await Promise.all(third)).toEqual([
    [2, 3, 4],
    [CROWDED + 1, CROWDED + 2, CROWDED + 3],
    [1, 2, 3],
  ]);
});

it('SEQ-1 the sends of a chat are stored, and told of, in their order, whatever lane has them', async () => {
  const rounds = 20;
  const perRound = 60;
  const sent: Promise<(number | undefined)[]>[][] = groups.map(() => []);
  const held = await holdBatches(testDatabase.url);
  for (let round = 0; round < rounds; round += 1) {
    // Some chats have more to say than others.
    for (const [index, sends] of sent.entries()) sends.push(send(index, perRound / (index + 1)));
    if (round === rounds / 2) {
      await vi.waitFor(() => expect(inFlight(database)).toBeGreaterThan(1));
      await held.release();
    }
    await nextTurn();
  }
  for (const [index, sends] of sent.entries()) {
    const seqs = (await Promise.all(sends)).flat();
    expect(seqs).toEqual(firstSeqs(rounds * (perRound / (index + 1))));
    const chatId = groups[index]?.chatId;
    expect(published.filter(([id]) => id === chatId).map(([, seq]) => seq)).toEqual(seqs);
  }
});
