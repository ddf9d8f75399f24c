import { expect, it } from 'vitest';
import { PAST_HEAD, type Window, windowsDown, windowsUp } from './seq-windows.js';

function entriesIn(windows: readonly Window[], lastSeq: number): number[] {
  return windows.flatMap(({ above, below }) =>
    Array.from({ length: Math.min(below - 1, lastSeq) - above }, (_, index) => above + 1 + index),
  );
}

const everything = (lastSeq: number) => Array.from({ length: lastSeq }, (_, index) => index + 1);

it.each([0, 1, 7, 8, 9, 64, 65, 66, 1000, 5000])(
  'SEQ-2 the windows of a stream of %i entries have each entry once, either way',
  (lastSeq) => {
    const down = [...windowsDown(PAST_HEAD, lastSeq, 51)];
    expect(entriesIn(down.toReversed(), lastSeq)).toEqual(everything(lastSeq));
    const up = [...windowsUp(0, lastSeq, 51)];
    expect(entriesIn(up, lastSeq)).toEqual(everything(lastSeq));
  },
);

it('SEQ-2 windows begin at the bound, and are soon large where little is found', () => {
  const [first, second] = windowsDown(500_001, 1_000_000, 50);
  expect(first?.below).toBe(500_001);
  expect(500_000 - (first?.above ?? 0)).toBeGreaterThanOrEqual(50);
  expect(500_000 - (first?.above ?? 0)).toBeLessThan(100);
  expect(second?.below).toBe((first?.above ?? 0) + 1);
  expect([...windowsDown(PAST_HEAD, 1_000_000, 50)].length).toBeLessThan(8);
  expect([...windowsUp(0, 1_000_000, 50)].length).toBeLessThan(8);
});

it('SEQ-2 what has come to a stream since its head was read is in the windows', () => {
  const [newest] = windowsDown(PAST_HEAD, 10, 50);
  expect(newest).toEqual({ above: 0, below: PAST_HEAD, isLast: true });
  expect([...windowsUp(3, 10, 1)].at(-1)?.below).toBe(PAST_HEAD);
});

it('SEQ-2 a bound beyond the head finds the end of the stream', () => {
  const [first] = windowsDown(2_000_000, 1000, 50);
  expect(first?.above).toBeGreaterThan(900);
  expect([...windowsUp(2_000_000, 1000, 50)]).toHaveLength(1);
});
