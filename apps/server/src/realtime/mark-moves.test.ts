import { randomUUID } from 'node:crypto';
import { ChatId, UserId } from '@natter/protocol';
import { expect, it } from 'vitest';
import type { MarkMove } from '../streams/commit.js';
import { MarkMoves } from './mark-moves.js';

const chatId = ChatId.parse(randomUUID());
const userId = UserId.parse(randomUUID());

function moveTo(seq: number, from: number, exceptSocketId?: string): MarkMove {
  const marks = { deliveredBefore: from, seenBefore: from, deliveredSeq: seq, seenSeq: seq };
  return { chatId, userId, ...marks, at: new Date(seq), exceptSocketId };
}

function notedIn(told: (readonly MarkMove[])[]): MarkMoves {
  return new MarkMoves((batch) => {
    told.push(batch);
    return Promise.resolve();
  });
}

it('tells of what moves meanwhile once, from where it was to where it has come', async () => {
  const told: (readonly MarkMove[])[] = [];
  let finish = Promise.withResolvers<void>();
  const moves = new MarkMoves(async (batch) => {
    told.push(batch);
    await finish.promise;
  });
  moves.add([moveTo(1, 0, 'a')]);
  moves.add([moveTo(2, 1, 'a')]);
  moves.add([moveTo(3, 2, 'b')]);
  expect(told).toEqual([[moveTo(1, 0, 'a')]]);
  const first = finish;
  finish = Promise.withResolvers();
  finish.resolve();
  first.resolve();
  await expect.poll(() => told.length).toBe(2);
  expect(told[1]).toEqual([{ ...moveTo(3, 1), exceptSocketId: undefined }]);
});

it('gathers for a moment what moves right after the ones before were told of', async () => {
  const told: (readonly MarkMove[])[] = [];
  const moves = notedIn(told);
  moves.add([moveTo(1, 0)]);
  // Microtasks alone: it is told of by then, and no pause can be over.
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  moves.add([moveTo(2, 1)]);
  moves.add([moveTo(3, 2)]);
  await expect.poll(() => told.length).toBe(2);
  expect(told[1]).toEqual([moveTo(3, 1)]);
});

it('tells of the furthest, in whatever order they come', async () => {
  const told: (readonly MarkMove[])[] = [];
  const moves = notedIn(told);
  moves.add([moveTo(1, 0)]);
  moves.add([moveTo(3, 2)]);
  moves.add([moveTo(2, 1)]);
  await expect.poll(() => told.length).toBe(2);
  expect(told[1]).toEqual([moveTo(3, 1)]);
});

it('tells of nothing that was dropped', async () => {
  const told: (readonly MarkMove[])[] = [];
  const moves = notedIn(told);
  const others = notedIn(told);
  moves.add([moveTo(1, 0)]);
  moves.add([moveTo(2, 1)]);
  moves.drop();
  // Those of others that began after it: by the end of their pause its own is over.
  others.add([moveTo(11, 10)]);
  others.add([moveTo(12, 11)]);
  await expect.poll(() => told).toContainEqual([moveTo(12, 11)]);
  expect(told).toEqual([[moveTo(1, 0)], [moveTo(11, 10)], [moveTo(12, 11)]]);
});
