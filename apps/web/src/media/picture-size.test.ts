import { expect, it } from 'vitest';
import { pictureBox } from './picture-size.js';

it('a picture has its own shape, and is no wider than a message', () => {
  expect(pictureBox({ width: 4000, height: 3000 })).toEqual({ width: 320, ratio: 4 / 3 });
});

it('a high picture is no higher than it may be', () => {
  const { width, ratio } = pictureBox({ width: 3000, height: 4000 });
  expect(width / ratio).toBeLessThanOrEqual(400);
  expect(ratio).toBe(0.75);
});

it('what is very long or very wide is cut', () => {
  expect(pictureBox({ width: 1000, height: 9000 }).ratio).toBe(0.5);
  expect(pictureBox({ width: 9000, height: 1000 }).ratio).toBe(2.5);
});

it('a small one is not blown up, and never too small to be hit', () => {
  expect(pictureBox({ width: 200, height: 200 }).width).toBe(200);
  expect(pictureBox({ width: 1, height: 1 })).toEqual({ width: 140, ratio: 1 });
});

it('one of unknown size has a box all the same', () => {
  expect(pictureBox({})).toEqual({ width: 320, ratio: 4 / 3 });
  expect(pictureBox({ width: 0, height: 10 })).toEqual({ width: 320, ratio: 4 / 3 });
});
