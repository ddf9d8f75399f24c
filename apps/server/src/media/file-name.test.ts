import { expect, it } from 'vitest';
import { shownFileName } from './file-name.js';

it.each([
  ['photo.jpg', 'photo.jpg'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\system.ini', 'system.ini'],
  ['/absolute', 'absolute'],
  ['a\0b.txt', 'ab.txt'],
  ['a\r\nSet-Cookie: x.txt', 'aSet-Cookie: x.txt'],
  ['gpj.\u202eexe', 'gpj.exe'],
  ['lone \ud800 surrogate', 'lone  surrogate'],
  ['Übung №1 👩‍👩‍👧.pdf', 'Übung №1 👩‍👩‍👧.pdf'],
  ['', 'file'],
  ['   ', 'file'],
  ['..', 'file'],
  ['folder/', 'file'],
  [undefined, 'file'],
  ['.hidden', '.hidden'],
])('%j is shown as %j', (given, shown) => {
  expect(shownFileName(given)).toBe(shown);
});

it('a long name keeps its extension', () => {
  const name = shownFileName(`${'ä'.repeat(300)}.jpeg`);
  expect(Array.from(name)).toHaveLength(255);
  expect(name).toMatch(/ä\.jpeg$/);
  expect(Array.from(shownFileName('x'.repeat(1000)))).toHaveLength(255);
  expect(Array.from(shownFileName(`a.${'x'.repeat(1000)}`))).toHaveLength(255);
});
