import { expect, it } from 'vitest';
import { peaksOf } from './voice-recorder.js';

it('a long recording has as many peaks as there is room for, and none is missed', () => {
  const levels = Array.from({ length: 1000 }, (_, index) => (index === 777 ? 1 : 0.25));
  const peaks = peaksOf(levels, 64);
  expect(peaks).toHaveLength(64);
  expect(peaks.filter((peak) => peak === 100)).toHaveLength(1);
  expect(new Set(peaks)).toEqual(new Set([25, 100]));
});

it('a short one has a peak for each level, an empty one none', () => {
  expect(peaksOf([0.1, 0.5])).toEqual([10, 50]);
  expect(peaksOf([])).toEqual([]);
});
