import { expect, test } from 'vitest';
import { sumOf } from './run-counts.js';

test('counts are added up, and the first refusal is kept', () => {
  expect(
    sumOf([
      { acknowledged: 3, delivered: 3, due: 3, otherEvents: 1, refused: 0, refusal: '' },
      { acknowledged: 2, delivered: 1, due: 2, otherEvents: 1, refused: 1, refusal: 'first' },
      { acknowledged: 1, delivered: 1, due: 1, otherEvents: 1, refused: 1, refusal: 'second' },
    ]),
  ).toEqual({
    acknowledged: 6,
    delivered: 5,
    due: 6,
    otherEvents: 3,
    refused: 2,
    refusal: 'first',
  });
});
