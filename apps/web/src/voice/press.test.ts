import { expect, it } from 'vitest';
import { isClick, meaningOf } from './press.js';

const press = { x: 500, y: 500, at: 1000, isReleased: false };

it('moving aside gives up, towards where the line begins', () => {
  expect(meaningOf(press, { clientX: 390, clientY: 500 }, false)).toBe('cancel');
  expect(meaningOf(press, { clientX: 610, clientY: 500 }, false)).toBeUndefined();
  expect(meaningOf(press, { clientX: 610, clientY: 500 }, true)).toBe('cancel');
});

it('moving up locks, a little means nothing', () => {
  expect(meaningOf(press, { clientX: 500, clientY: 400 }, false)).toBe('lock');
  expect(meaningOf(press, { clientX: 480, clientY: 480 }, false)).toBeUndefined();
});

it('a short press is a click', () => {
  expect(isClick(press, 1300)).toBe(true);
  expect(isClick(press, 1500)).toBe(false);
});
