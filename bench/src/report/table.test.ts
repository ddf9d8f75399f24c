import { expect, test } from 'vitest';
import { table } from './table.js';

test('columns are as wide as their widest cell', () => {
  expect(
    table(
      ['', 'rate'],
      [
        ['long name', '7'],
        ['x', '12,345'],
      ],
    ),
  ).toBe('               rate\n  long name       7\n  x          12,345\n');
});
