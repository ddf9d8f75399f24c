import { randomUUID } from 'node:crypto';
import { ChatId, UserId } from '@natter/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../config/config.js';
import { type Bus, InProcessBus } from '../streams/bus.js';
import type { MarkMove } from '../streams/commit.js';
import { MarksWriter } from './marks-writer.js';
import type { Mark, MarkOutcome } from './receipts.repository.js';

const chatId = ChatId.parse(randomUUID());
const userId = UserId.parse(randomUUID());
const markOf = (seenSeq: number): Mark => ({ chatId, userId, deliveredSeq: 0, seenSeq });

/** A chat of which the head is 100, and a database that answers when it is told to. */
function writerOf(answers: MarkOutcome['outcome'][] = []) {
  const batches: (readonly Mark[])[] = [];
  const receipts = {
    move: async (marks: readonly Mark[]): Promise<MarkOutcome[]> => {
      batches.push(marks);
      return marks.map((mark) => ({
        outcome: answers.shift() ?? (mark.seenSeq > 100 ? 'beyond' : 'moved'),
        move: { ...mark, deliveredBefore: 0, seenBefore: 0, at: new Date() },
      }));
    },
  };
  const bus: Bus = new InProcessBus();
  const moves: MarkMove[] = [];
  bus.subscribe(({ markMoves }) => moves.push(...markMoves));
  const writer = new MarksWriter(receipts, bus, readConfig({}));
  const move = (seenSeq: number, isOverRate = false, socketId?: string) =>
    writer.move(markOf(seenSeq), socketId, isOverRate);
  return { batches, moves, move };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('MarksWriter', () => {
  it('writes what is asked for at once together, the furthest mark of each member', async () => {
    const { batches, moves, move } = writerOf();
    expect(await Promise.all([move(1), move(3), move(2)])).toEqual(['moved', 'moved', 'moved']);
    expect(batches).toEqual([[markOf(3)]]);
    expect(moves).toMatchObject([{ seenSeq: 3 }]);
  });

  it('gathers for a second what comes over the rate, and drops none of it', async () => {
    const { batches, move } = writerOf();
    const gathered = [move(1, true), move(7, true), move(3, true)];
    await vi.advanceTimersByTimeAsync(999);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all(gathered)).toEqual(['moved', 'moved', 'moved']);
    expect(batches).toEqual([[markOf(7)]]);
  });

  it('lets one that reaches too far fail alone', async () => {
    const { move } = writerOf();
    expect(await Promise.all([move(2), move(101), move(3)])).toEqual(['moved', 'beyond', 'moved']);
  });

  it('tries again what somebody else is moving, and gives up after 2 s', async () => {
    const { batches, move } = writerOf(['busy', 'busy', 'moved']);
    const moved = move(2);
    await vi.advanceTimersByTimeAsync(40);
    expect(await moved).toBe('moved');
    expect(batches).toHaveLength(3);
    const { move: moveHeld } = writerOf(Array(1000).fill('busy'));
    const held = moveHeld(2).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(2100);
    expect(await held).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('leaves out the socket that sent the mark, and none where several did', async () => {
    const { moves, move } = writerOf();
    await Promise.all([move(1, false, 'a'), move(2, false, 'a')]);
    await Promise.all([move(3, false, 'a'), move(4, false, 'b')]);
    expect(moves.map(({ exceptSocketId }) => exceptSocketId)).toEqual(['a', undefined]);
  });
});
