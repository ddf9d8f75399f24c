import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';

const Record = z.object({
  room: z.string(),
  at: z.iso.datetime({ precision: 3 }),
  nick: z.string().check(z.minLength(1)),
  text: z.string(),
});

/** A line of the source file; `line` is its number in the whole file, from 1. */
export type SourceLine = z.output<typeof Record> & { readonly line: number };

export interface SourceRoom {
  readonly room: string;
  /** In the order of the file. */
  readonly lines: readonly SourceLine[];
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

function decode(bytes: Buffer): string {
  const isGzip = bytes.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC);
  return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8');
}

function parseLine(json: string, line: number): SourceLine {
  try {
    return { ...z.parse(Record, JSON.parse(json)), line };
  } catch (cause) {
    throw new Error(
      `Unable to read line ${line} of the file; it must be { room, at, nick, text }`,
      {
        cause,
      },
    );
  }
}

/**
 * The first rooms of a JSON Lines file, plain or gzip, with all their lines.
 *
 * @throws where a line does not fit, or the file has fewer rooms than wanted.
 */
export async function readRooms(file: string, count: number): Promise<readonly SourceRoom[]> {
  const rooms = new Map<string, SourceLine[]>();
  // Not by `readline`: it also splits at U+2028, which may stand unescaped in JSON.
  for (const [index, json] of decode(await readFile(file))
    .split('\n')
    .entries()) {
    if (json.trim() === '') continue;
    const source = parseLine(json, index + 1);
    const lines = rooms.get(source.room);
    if (lines) lines.push(source);
    else if (rooms.size < count) rooms.set(source.room, [source]);
  }
  if (rooms.size < count) {
    throw new Error(`Unable to replay ${count} rooms; ${file} has ${rooms.size}`);
  }
  return Array.from(rooms, ([room, lines]) => ({ room, lines }));
}
