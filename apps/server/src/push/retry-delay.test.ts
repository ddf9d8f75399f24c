import { expect, it } from 'vitest';
import { retryDelayMs } from './retry-delay.js';

const HOUR_MS = 60 * 60_000;
const now = Date.parse('2026-01-01T00:00:00Z');

it('waits three times as long each time, and an hour at most', () => {
  for (const [attempts, shortest] of [1000, 3000, 9000, 27_000].entries()) {
    const delay = retryDelayMs(1000, attempts);
    expect(delay).toBeGreaterThanOrEqual(shortest);
    expect(delay).toBeLessThanOrEqual(shortest * 1.2);
  }
  expect(retryDelayMs(1000, 1000)).toBe(HOUR_MS);
});

it.each([
  ['120', 120_000],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['999999999', HOUR_MS],
  ['Fri, 01 Jan 2099 00:00:00 GMT', HOUR_MS],
])('waits as long as the service asks for: %s', (retryAfter, delay) => {
  expect(retryDelayMs(1000, 0, retryAfter, now)).toBe(delay);
});

it.each(['0', '-5', 'soon', '', '1e9', 'Wed, 31 Dec 2025 00:00:00 GMT', '9'.repeat(400)])(
  'does not wait less than by itself: %j',
  (retryAfter) => {
    const delay = retryDelayMs(1000, 0, retryAfter, now);
    expect(delay).toBeGreaterThanOrEqual(1000);
    expect(delay).toBeLessThanOrEqual(1200);
  },
);
