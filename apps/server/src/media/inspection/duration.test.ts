import { expect, it } from 'vitest';
import { durationOf } from './duration.js';

it.each([undefined, Number.NaN, 0, -1, 0.0004, 1e30, Number.POSITIVE_INFINITY])(
  'T64 %s seconds are no length of a recording',
  (seconds) => {
    expect(durationOf(seconds)).toEqual({});
  },
);

it('lengths are whole milliseconds', () => {
  expect(durationOf(1.2344)).toEqual({ durationMs: 1234 });
});
