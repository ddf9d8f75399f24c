import { beforeEach, describe, expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.js';

let now: number;
let buckets: TokenBuckets;
beforeEach(() => {
  now = 1_000_000.25;
  // A token comes back each 100 ms, and an empty bucket is full after 500 ms.
  buckets = new TokenBuckets({ perSecond: 10, burst: 5 });
});

function waitMs(key: string): number {
  return buckets.of(key, now).waitMs(now);
}

function take(key: string): void {
  buckets.of(key, now).take(now);
}

/** Takes tokens while there are some; how many there were. */
function drain(key: string): number {
  for (let taken = 0; ; taken += 1) {
    if (waitMs(key) > 0) return taken;
    take(key);
  }
}

describe('a bucket', () => {
  it('begins full and holds its burst', () => {
    expect(drain('a')).toBe(5);
    expect(waitMs('a')).toBe(100);
  });

  it('is of one key alone', () => {
    drain('a');
    expect(waitMs('b')).toBe(0);
    expect(drain('b')).toBe(5);
  });

  it('gives one token back after another, and never more than its burst', () => {
    drain('a');
    now += 100;
    expect(drain('a')).toBe(1);
    now += 250;
    expect(drain('a')).toBe(2);
    now += 50;
    expect(drain('a')).toBe(1);
    now += 1_000_000;
    expect(drain('a')).toBe(5);
  });

  it('tells exactly how long to wait, in whole milliseconds', () => {
    drain('a');
    for (const passedMs of [0, 0.4, 33.3, 99.9]) {
      const began = now;
      now += passedMs;
      const untilThen = waitMs('a');
      expect(untilThen).toBe(Math.ceil(100 - passedMs));
      now += untilThen - 1;
      expect(waitMs('a')).toBeGreaterThan(0);
      now += 1;
      expect(waitMs('a')).toBe(0);
      now = began;
    }
  });

  it('lets its rate through over a long time, whatever the pattern', () => {
    drain('a');
    let taken = 0;
    for (let step = 0; step < 10_000; step += 1) {
      now += (step * 37) % 83;
      taken += drain('a');
    }
    const passedMs = now - 1_000_000.25;
    expect(taken).toBeLessThanOrEqual(Math.floor(passedMs / 100) + 1);
    expect(taken).toBeGreaterThanOrEqual(Math.floor(passedMs / 100) - 1);
  });

  it('can be asked without taking', () => {
    for (let count = 0; count < 100; count += 1) expect(waitMs('a')).toBe(0);
    expect(drain('a')).toBe(5);
  });

  it('of a fraction of a token each second waits as long', () => {
    buckets = new TokenBuckets({ perSecond: 0.5, burst: 1 });
    expect(drain('a')).toBe(1);
    expect(waitMs('a')).toBe(2000);
  });
});

describe('what is kept', () => {
  it('is what was touched of late, however many keys come', () => {
    let most = 0;
    for (let key = 0; key < 100_000; key += 1) {
      now += 1;
      take(String(key));
      most = Math.max(most, buckets.size);
    }
    // Two periods of 500 ms, with a key in each millisecond.
    expect(most).toBeLessThanOrEqual(1001);
  });

  it('is dropped after a pause with the next that comes', () => {
    for (let key = 0; key < 1000; key += 1) take(String(key));
    now += 1000;
    take('a');
    expect(buckets.size).toBe(1);
  });

  it('is never dropped before it is full again', () => {
    for (let phase = 0; phase < 500; phase += 7) {
      now += phase;
      drain('a');
      // Others go on, so that periods end meanwhile.
      for (let passedMs = 0; passedMs < 400; passedMs += 50) {
        now += 50;
        take(`other ${passedMs}`);
      }
      expect(drain('a')).toBe(4);
    }
  });
});
