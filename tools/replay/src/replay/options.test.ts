import { expect, it } from 'vitest';
import { readOptions } from './options.js';

it('only the file must be given', () => {
  expect(readOptions(['--file', 'f.jsonl'])).toEqual({
    options: { file: 'f.jsonl', url: 'http://localhost:3000', rooms: 5, speed: 'max' },
  });
});

it('every option is read', () => {
  const args = [
    '--file',
    'f',
    '--url',
    'https://chat.example/',
    '--rooms',
    '2',
    '--ledgers',
    'd',
    '--speed',
    '1.5',
  ];
  expect(readOptions(args)).toEqual({
    options: { file: 'f', url: 'https://chat.example', rooms: 2, ledgers: 'd', speed: 1.5 },
  });
});

it.each([
  [[], '--file'],
  [['--file', 'f', '--rooms', '0'], '--rooms'],
  [['--file', 'f', '--rooms', 'many'], '--rooms'],
  [['--file', 'f', '--speed', '-1'], '--speed'],
  [['--file', 'f', '--url', 'localhost'], '--url'],
  [['--file', 'f', '--url', 'ftp://localhost'], '--url'],
  [['--file', 'f', '--colour'], '--colour'],
])('%j names what is wrong', (args, option) => {
  expect(readOptions(args)).toEqual({ problem: expect.stringContaining(option) });
});
