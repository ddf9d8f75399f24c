import type { FileHandle } from 'node:fs/promises';
import type { Note } from './notes.js';

interface Box {
  readonly type: string;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

const BOX_HEAD_BYTES = 8;
const LARGE_BOX_HEAD_BYTES = 16;
const TYPE_AT = 4;
const FREE = Buffer.from('free', 'latin1');
/** What holds boxes in which cameras note something, and the boxes where they do. */
const HOLDERS = new Set(['moov', 'trak']);
const NOTES = new Set(['udta', 'meta', 'uuid']);

async function boxAt(file: FileHandle, start: number, end: number): Promise<Box | undefined> {
  const head = Buffer.alloc(LARGE_BOX_HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, start);
  if (bytesRead < BOX_HEAD_BYTES) return undefined;
  const short = head.readUInt32BE(0);
  const isLarge = short === 1;
  if (isLarge && bytesRead < LARGE_BOX_HEAD_BYTES) return undefined;
  const headBytes = isLarge ? LARGE_BOX_HEAD_BYTES : BOX_HEAD_BYTES;
  const size = isLarge ? Number(head.readBigUInt64BE(BOX_HEAD_BYTES)) : short || end - start;
  if (size < headBytes) return undefined;
  const type = head.toString('latin1', TYPE_AT, BOX_HEAD_BYTES);
  return { type, start, contentStart: start + headBytes, end: Math.min(start + size, end) };
}

/** The boxes of an MP4 or one of its relatives that hold notes, in the part of the file between two places. */
export async function isoNotes(file: FileHandle, start: number, end: number): Promise<Note[]> {
  const notes: Note[] = [];
  for (let at = start; at < end;) {
    const box = await boxAt(file, at, end);
    if (!box) break;
    if (NOTES.has(box.type)) {
      notes.push({ ...box, head: FREE, headAt: box.start + TYPE_AT });
    }
    if (HOLDERS.has(box.type)) notes.push(...(await isoNotes(file, box.contentStart, box.end)));
    at = box.end;
  }
  return notes;
}
