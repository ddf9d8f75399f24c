import { expect, test } from 'vitest';
import { judge, noiseOf } from './goals.js';

const spread = (min: number, median: number, max: number) => ({ min, median, max });
const more = { better: 'more', floor: 0.5, target: 0.7 } as const;
const less = { better: 'less', floor: 3, target: 1.5 } as const;

test('noise is half of what the repetitions differ by', () => {
  expect(noiseOf(spread(0.4, 0.5, 0.8))).toBeCloseTo(0.2);
});

test.each([
  [spread(0.7, 0.7, 0.9), 'reached'],
  [spread(0.5, 0.6, 0.9), 'held'],
  [spread(0.4, 0.45, 0.5), 'held'],
  [spread(0.44, 0.45, 0.46), 'missed'],
  [spread(0.45, 0.45, 0.45), 'missed'],
])('where more is better, %j is %s', (ratio, verdict) => {
  expect(judge(ratio, more)).toBe(verdict);
});

test.each([
  [spread(1, 1.5, 2), 'reached'],
  [spread(2, 2.5, 3.5), 'held'],
  [spread(2.5, 3.2, 3.4), 'held'],
  [spread(3.1, 3.2, 3.3), 'missed'],
  [spread(Number.NaN, Number.NaN, Number.NaN), 'missed'],
])('where less is better, %j is %s', (ratio, verdict) => {
  expect(judge(ratio, less)).toBe(verdict);
});
