import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSource } from '../check/source.js';
import { readRooms } from './source-rooms.js';

const at = '2004-12-25T09:14:00.000Z';
const lines = [
  { room: 'one', at, nick: 'anna', text: 'a line separator \u2028 is no end of line' },
  { room: 'two', at, nick: 'ben', text: 'grüße 🙂' },
  { room: 'one', at, nick: 'ben', text: '' },
  { room: 'three', at, nick: 'anna', text: 'too late' },
];
const content = lines.map((line) => `${JSON.stringify(line)}\n`).join('');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-replay-source-'));
  await writeFile(join(folder, 'plain.jsonl'), content);
  await writeFile(join(folder, 'packed.jsonl.gz'), gzipSync(content));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(['plain.jsonl', 'packed.jsonl.gz'])(
  'replay and checker read the same lines of the first rooms from %s',
  async (name) => {
    const rooms = await readRooms(join(folder, name), 2);
    expect(rooms.map(({ room }) => room)).toEqual(['one', 'two']);
    expect(rooms.map((room) => room.lines.map(({ line }) => line))).toEqual([[1, 3], [2]]);

    const source = await readSource(join(folder, name), ['one', 'two']);
    for (const { room, lines: read } of rooms) {
      expect(source.get(room)).toEqual(
        read.map(({ nick, text, line }) => ({ room, nick, text, line })),
      );
    }
  },
);

it('a file with fewer rooms than wanted is refused', async () => {
  await expect(readRooms(join(folder, 'plain.jsonl'), 4)).rejects.toThrow('has 3');
});
