import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OrderedFeed } from './ordered-feed.js';

interface Item {
  readonly seq: number;
}

/** A stream of which the log has `stored`, brought from above 0. */
function feedOf(stored: readonly number[]) {
  const brought: number[] = [];
  const reads: number[] = [];
  let isAway = false;
  const feed = new OrderedFeed<Item>(
    {
      seqOf: ({ seq }) => seq,
      readAfter: async (seq) => {
        reads.push(seq);
        if (isAway) throw new Error('the database is away');
        return stored.filter((number) => number > seq).map((number) => ({ seq: number }));
      },
      emit: ({ seq }) => brought.push(seq),
    },
    0,
  );
  const offer = (...seqs: number[]) => seqs.forEach((seq) => feed.offer({ seq }));
  return { feed, brought, reads, offer, setAway: (away: boolean) => (isAway = away) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('OrderedFeed', () => {
  it('brings items in order, each once, whatever order they come in', async () => {
    const { brought, offer, reads } = feedOf([]);
    offer(2, 1, 1, 4, 3, 2, 4);
    expect(brought).toEqual([1, 2, 3, 4]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reads).toEqual([]);
  });

  it('holds an item that is offered while the one before it is brought', () => {
    const brought: number[] = [];
    const feed: OrderedFeed<Item> = new OrderedFeed<Item>(
      {
        seqOf: ({ seq }) => seq,
        readAfter: () => Promise.resolve([]),
        emit: ({ seq }) => {
          if (seq === 1) feed.offer({ seq: 3 });
          brought.push(seq);
        },
      },
      0,
    );
    feed.offer({ seq: 1 });
    expect(brought).toEqual([1]);
    feed.offer({ seq: 2 });
    expect(brought).toEqual([1, 2, 3]);
  });

  it('reads what is missing after 50 ms, and not before', async () => {
    const { brought, offer, reads } = feedOf([1, 2, 3]);
    offer(3);
    await vi.advanceTimersByTimeAsync(49);
    expect([brought, reads]).toEqual([[], []]);
    await vi.advanceTimersByTimeAsync(1);
    expect([brought, reads]).toEqual([[1, 2, 3], [0]]);
  });

  it('brings what it is told of, also where nothing comes', async () => {
    const { feed, brought } = feedOf([1, 2]);
    feed.expect(2);
    await vi.advanceTimersByTimeAsync(50);
    expect(brought).toEqual([1, 2]);
  });

  it('asks again each second while the database is away, and loses nothing', async () => {
    const { brought, offer, reads, setAway } = feedOf([1, 2]);
    setAway(true);
    offer(2);
    await vi.advanceTimersByTimeAsync(3050);
    expect(reads).toHaveLength(4);
    setAway(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(brought).toEqual([1, 2]);
  });

  it('asks each second, no oftener, for a number that is not there', async () => {
    const { brought, offer, reads } = feedOf([2, 3]);
    offer(3);
    await vi.advanceTimersByTimeAsync(5050);
    expect(brought).toEqual([]);
    expect(reads.length).toBeLessThanOrEqual(6);
  });

  it('brings nothing any more once it is closed', async () => {
    const { feed, brought, offer } = feedOf([1, 2]);
    offer(2);
    feed.close();
    await vi.advanceTimersByTimeAsync(1000);
    offer(1);
    expect(brought).toEqual([]);
  });
});
