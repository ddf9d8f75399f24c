import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ChangeLines } from './change-lines.js';
import { LOCK_TIMEOUT_MS } from './lock-timeout.js';

const CAPACITY = 100;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A change that is under way until it is ended. */
function pending() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { action: vi.fn<() => Promise<undefined>>(() => promise), end: () => resolve(undefined) };
}

/** Lets everything happen that waits for nothing but its turn. */
const settle = () => vi.advanceTimersByTimeAsync(0);

it('lets one change at a time at a stream, in the order in which they came', async () => {
  const lines = new ChangeLines(10, CAPACITY);
  const [first, second, third] = [pending(), pending(), pending()];
  const all = [first, second, third].map(({ action }) => lines.run(['a'], action));
  await settle();
  expect([first, second, third].map(({ action }) => action.mock.calls.length)).toEqual([1, 0, 0]);
  first.end();
  await settle();
  expect([second, third].map(({ action }) => action.mock.calls.length)).toEqual([1, 0]);
  second.end();
  third.end();
  await Promise.all(all);
  expect(lines.size).toBe(0);
});

it('lets changes of other streams pass, up to its width', async () => {
  const lines = new ChangeLines(2, CAPACITY);
  const changes = [pending(), pending(), pending()];
  const all = changes.map(({ action }, index) => lines.run([`stream ${index}`], action));
  await settle();
  expect(changes.map(({ action }) => action.mock.calls.length)).toEqual([1, 1, 0]);
  changes[1]?.end();
  await settle();
  expect(changes[2]?.action).toHaveBeenCalledOnce();
  for (const { end } of changes) end();
  await Promise.all(all);
  expect(lines.size).toBe(0);
});

it('takes a stream that is named twice once', async () => {
  const lines = new ChangeLines(1, CAPACITY);
  expect(await lines.run(['a', 'a'], () => Promise.resolve('done'))).toBe('done');
});

it('whoever waits too long is UNAVAILABLE, and in nobody’s way', async () => {
  const lines = new ChangeLines(2, CAPACITY);
  const [held, late, next] = [pending(), pending(), pending()];
  const holding = lines.run(['a'], held.action);
  const failing = lines.run(['b', 'a'], late.action).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(4999);
  const waiting = lines.run(['a', 'b'], next.action);
  await vi.advanceTimersByTimeAsync(1);
  expect(await failing).toMatchObject({ code: 'UNAVAILABLE' });
  held.end();
  next.end();
  await Promise.all([holding, waiting]);
  expect(late.action).not.toHaveBeenCalled();
  expect(lines.size).toBe(0);
});

it('tells how much of the time of a lock is left, and lets the next in after a failure', async () => {
  const lines = new ChangeLines(1, CAPACITY);
  const first = pending();
  const holding = lines.run(['a'], first.action);
  const failing = lines
    .run(['a'], (patienceMs) => Promise.reject(new Error(`${patienceMs} left`)))
    .catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(500);
  first.end();
  await holding;
  expect(await failing).toMatchObject({ message: `${LOCK_TIMEOUT_MS - 500} left` });
  expect(await lines.run(['a'], () => Promise.resolve('done'))).toBe('done');
});

it('leaves a little of it to whoever has waited longer than that', async () => {
  const lines = new ChangeLines(1, CAPACITY);
  const first = pending();
  const holding = lines.run(['a'], first.action);
  const next = lines.run(['a'], (lockTimeoutMs) => Promise.resolve(lockTimeoutMs));
  await vi.advanceTimersByTimeAsync(LOCK_TIMEOUT_MS + 1);
  first.end();
  await holding;
  expect(await next).toBe(25);
});

it('refuses more changes than may wait, and nothing of them is done', async () => {
  const lines = new ChangeLines(1, 2);
  const [first, second, third] = [pending(), pending(), pending()];
  const all = [first, second].map(({ action }) => lines.run(['a'], action));
  await expect(lines.run(['b'], third.action)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryAfterMs: expect.any(Number),
  });
  expect(third.action).not.toHaveBeenCalled();
  first.end();
  second.end();
  await Promise.all(all);
  third.end();
  await lines.run(['b'], third.action);
});
