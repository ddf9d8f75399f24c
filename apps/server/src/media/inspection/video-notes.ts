import { constants } from 'node:fs';
import { copyFile, type FileHandle, open } from 'node:fs/promises';
import type { Job, JobResult } from './inspection.js';

interface Box {
  readonly type: string;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

const BOX_HEAD_BYTES = 8;
const LARGE_BOX_HEAD_BYTES = 16;
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
  const type = head.toString('latin1', 4, BOX_HEAD_BYTES);
  return { type, start, contentStart: start + headBytes, end: Math.min(start + size, end) };
}

async function notesIn(file: FileHandle, start: number, end: number): Promise<Box[]> {
  const notes: Box[] = [];
  for (let at = start; at < end;) {
    const box = await boxAt(file, at, end);
    if (!box) break;
    if (NOTES.has(box.type)) notes.push(box);
    if (HOLDERS.has(box.type)) notes.push(...(await notesIn(file, box.contentStart, box.end)));
    at = box.end;
  }
  return notes;
}

/** Makes free space of a box, so that everything else stays where it is. */
async function blank(file: FileHandle, { start, contentStart, end }: Box): Promise<void> {
  await file.write('free', start + 4, 'latin1');
  const zeros = Buffer.alloc(Math.min(end - contentStart, 65_536));
  for (let at = contentStart; at < end; at += zeros.length) {
    await file.write(zeros, 0, Math.min(zeros.length, end - at), at);
  }
}

/** Leaves out of an MP4 and its relatives what a camera noted: where, when and by what device it was filmed. */
export async function withoutNotes(
  job: Job & { task: 'withoutNotes' },
): Promise<JobResult<'withoutNotes'>> {
  const original = await open(job.path);
  let notes: Box[];
  try {
    notes = await notesIn(original, 0, (await original.stat()).size);
  } finally {
    await original.close();
  }
  if (notes.length === 0) return { hadNotes: false };
  await copyFile(job.path, job.display, constants.COPYFILE_FICLONE);
  const copy = await open(job.display, 'r+');
  try {
    for (const note of notes) await blank(copy, note);
  } finally {
    await copy.close();
  }
  return { hadNotes: true };
}
