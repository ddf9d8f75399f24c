import { randomUUID } from 'node:crypto';
import { ChatId, type MessageStatusUpdated, UserId } from '@natter/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StatusGatherer } from './status-gatherer.js';

const chatId = ChatId.parse(randomUUID());
const [author, cleo, dora] = [randomUUID(), randomUUID(), randomUUID()].map((id) =>
  UserId.parse(id),
);

function gathererOf() {
  const told: [UserId, MessageStatusUpdated][] = [];
  const gatherer = new StatusGatherer((userId, payload) => told.push([userId, payload]));
  const seen = (userId: UserId | undefined, seq: number): void => {
    if (!author || !userId) throw new Error('There is nobody');
    const update = { userId, status: 'seen' as const, seq, at: '2026-01-01T00:00:00.000Z' };
    gatherer.add(author, { chatId, updates: [update] });
  };
  const seqs = () => told.map(([, { updates }]) => updates.map(({ seq }) => seq));
  return { told, seen, seqs };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('StatusGatherer', () => {
  it('tells the first at once, and then at most once a second, of each member the furthest', () => {
    const { seen, seqs } = gathererOf();
    seen(cleo, 1);
    expect(seqs()).toEqual([[1]]);
    for (const seq of [2, 4, 3]) seen(cleo, seq);
    seen(dora, 2);
    vi.advanceTimersByTime(999);
    expect(seqs()).toEqual([[1]]);
    vi.advanceTimersByTime(1);
    expect(seqs()).toEqual([[1], [4, 2]]);
    seen(cleo, 5);
    vi.advanceTimersByTime(999);
    expect(seqs()).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(seqs()).toEqual([[1], [4, 2], [5]]);
  });

  it('keeps nothing of who was not told for a second', () => {
    const { seen, seqs } = gathererOf();
    seen(cleo, 1);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    seen(cleo, 2);
    expect(seqs()).toEqual([[1], [2]]);
  });
});
