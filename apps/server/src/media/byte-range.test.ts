import { describe, expect, it } from 'vitest';
import { namesTag, requestedBytes } from './byte-range.js';

describe('a range', () => {
  it.each([
    [undefined, 'all'],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['BYTES=10-19', { start: 10, end: 19 }],
    ['bytes=90-200', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=999999999999999-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=0-1,2-3', 'unsatisfiable'],
    ['bytes=0-1, 0-1, 0-1', 'unsatisfiable'],
    // What is none is ignored.
    ['bytes=5-4', 'all'],
    ['bytes=-', 'all'],
    ['bytes=--5', 'all'],
    ['bytes=a-b', 'all'],
    ['bytes=1e1-', 'all'],
    ['lines=0-5', 'all'],
    ['bytes=99999999999999999999-', 'all'],
  ] as const)('%s of 100 bytes', (header, expected) => {
    expect(requestedBytes(header, 100)).toEqual(expected);
  });

  it('of nothing is never satisfied', () => {
    expect(requestedBytes('bytes=0-', 0)).toBe('unsatisfiable');
    expect(requestedBytes('bytes=-1', 0)).toBe('unsatisfiable');
    expect(requestedBytes(undefined, 0)).toBe('all');
  });
});

describe('a tag', () => {
  it.each([
    [undefined, false],
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
  ])('%s names "a": %s', (header, expected) => {
    expect(namesTag(header, '"a"')).toBe(expected);
  });
});
