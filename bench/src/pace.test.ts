import { expect, test } from 'vitest';
import { pace } from './pace.js';

test('acts as often as the rate says, in order, and not beyond the end', async () => {
  const done: number[] = [];
  const startMs = performance.now();
  await pace(1000, startMs + 100, (number) => done.push(number));
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(100);
  expect(done).toEqual(done.map((_, index) => index));
  expect(done.length).toBeGreaterThan(0);
  expect(done.length).toBeLessThanOrEqual(100);
});

test('does nothing once the end is past', async () => {
  await pace(1000, performance.now() - 1, () => expect.unreachable());
});
