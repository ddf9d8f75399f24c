import { expect, it } from 'vitest';
import { MOST_ZOOM, sideOf, within, wholeOf } from './crop.js';

const size = { width: 800, height: 600 };

it('begins with the middle of the picture', () => {
  expect(wholeOf(size)).toEqual({ x: 400, y: 300, zoom: 1 });
  expect(sideOf(size, wholeOf(size))).toBe(600);
});

it('never leaves the picture', () => {
  expect(within(size, { x: -50, y: 9000, zoom: 1 })).toEqual({ x: 300, y: 300, zoom: 1 });
  expect(within(size, { x: 9000, y: 0, zoom: 2 })).toEqual({ x: 650, y: 150, zoom: 2 });
});

it('comes no nearer than there is something to see, and goes no further away than the whole', () => {
  expect(within(size, { x: 400, y: 300, zoom: 99 }).zoom).toBe(MOST_ZOOM);
  expect(within(size, { x: 400, y: 300, zoom: 0.1 }).zoom).toBe(1);
});
