import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import * as z from 'zod/mini';

const Written = z.object({ room: z.string(), nick: z.string(), text: z.string() });

/** What somebody wrote, with its line number in the file. */
export type Written = z.output<typeof Written> & { readonly line: number };

async function* textOf(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const decoder = new TextDecoder();
  const plain: AsyncIterable<Uint8Array> = file.endsWith('.gz')
    ? bytes.pipe(createGunzip())
    : bytes;
  for await (const chunk of plain) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of textOf(file)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

/**
 * What was written in the given rooms, in the order of the source file. A reader of the checker's own: with the
 * replay's, both would be blind to the same mistake.
 */
export async function readSource(
  file: string,
  rooms: readonly string[],
): Promise<ReadonlyMap<string, readonly Written[]>> {
  const written = new Map<string, Written[]>(rooms.map((room) => [room, []]));
  let line = 0;
  for await (const json of linesOf(file)) {
    line += 1;
    if (json === '') continue;
    const entry = z.parse(Written, JSON.parse(json));
    written.get(entry.room)?.push({ ...entry, line });
  }
  return written;
}
