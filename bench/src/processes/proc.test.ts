import { expect, test } from 'vitest';
import { coresIn, statusLine } from './proc.js';

test.each([
  ['0', [0]],
  ['0-1', [0, 1]],
  ['1-3,6,8-9', [1, 2, 3, 6, 8, 9]],
  ['', []],
  ['?', []],
])('the cores of %j', (list, cores) => {
  expect(coresIn(list)).toEqual(cores);
});

test('a line of a status file is found by its whole name', () => {
  const status = 'Name:\tnode\nVmRSS:\t   1234 kB\nRssAnon:\t 1 kB\n';
  expect(statusLine(status, 'VmRSS')).toBe('1234 kB');
  expect(statusLine(status, 'Rss')).toBeUndefined();
});
