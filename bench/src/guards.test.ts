import { expect, test } from 'vitest';
import { isListOf, isMaybe, isNumber, isObjectOf, isOneOf, isString } from './guards.js';

const isPlace = isObjectOf<{ readonly name: string; readonly floor?: number | undefined }>({
  name: isString,
  floor: isMaybe(isNumber),
});

test.each([
  [{ name: 'hall' }, true],
  [{ name: 'hall', floor: 2, more: true }, true],
  [{ name: 'hall', floor: '2' }, false],
  [{ floor: 2 }, false],
  [null, false],
  ['hall', false],
])('%j is a place: %s', (value, expected) => {
  expect(isPlace(value)).toBe(expected);
});

test('a list is judged by each of its items', () => {
  expect(isListOf(isNumber)([1, 2])).toBe(true);
  expect(isListOf(isNumber)([1, '2'])).toBe(false);
  expect(isListOf(isNumber)({ length: 0 })).toBe(false);
});

test('one of some words', () => {
  const isSide = isOneOf('left', 'right');
  expect(isSide('left')).toBe(true);
  expect(isSide('up')).toBe(false);
});
