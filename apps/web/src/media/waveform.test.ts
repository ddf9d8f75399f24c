import { expect, it } from 'vitest';
import { barsOf } from './waveform.js';

it('many peaks become few bars, of which the loudest stay', () => {
  const peaks = Array.from({ length: 1000 }, (_, index) => (index === 500 ? 80 : 20));
  const bars = barsOf(peaks, 10);
  expect(bars).toEqual([0.25, 0.25, 0.25, 0.25, 0.25, 1, 0.25, 0.25, 0.25, 0.25]);
});

it('few peaks fill all bars', () => {
  expect(barsOf([1, 2], 4)).toEqual([0.5, 0.5, 1, 1]);
});

it('silence is a line, and so is nothing', () => {
  expect(barsOf([0, 0], 3)).toEqual([0.08, 0.08, 0.08]);
  expect(barsOf([], 2)).toEqual([0.08, 0.08]);
});
