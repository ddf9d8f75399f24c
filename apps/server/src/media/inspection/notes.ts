import { constants } from 'node:fs';
import { copyFile, type FileHandle, open } from 'node:fs/promises';
import type { Job, JobResult } from './inspection.js';
import { isoNotes } from './iso-notes.ts';
import { matroskaNotes } from './matroska-notes.ts';

/** A part of a recording in which its device noted something, and what makes free space of it. */
export interface Note {
  readonly head: Buffer;
  readonly headAt: number;
  /** What is there has to go. */
  readonly contentStart: number;
  readonly end: number;
}

/** Makes free space of a note, so that everything else stays where it is. */
async function blank(file: FileHandle, { head, headAt, contentStart, end }: Note): Promise<void> {
  await file.write(head, 0, head.length, headAt);
  const zeros = Buffer.alloc(Math.min(end - contentStart, 65_536));
  for (let at = contentStart; at < end; at += zeros.length) {
    await file.write(zeros, 0, Math.min(zeros.length, end - at), at);
  }
}

async function notesIn(file: FileHandle, container: 'iso' | 'matroska'): Promise<Note[]> {
  const { size } = await file.stat();
  return container === 'iso' ? isoNotes(file, 0, size) : matroskaNotes(file, size);
}

/** Leaves out of a recording what its device noted: where, when and by what it was made. */
export async function withoutNotes(
  job: Job & { task: 'withoutNotes' },
): Promise<JobResult<'withoutNotes'>> {
  const original = await open(job.path);
  let notes: Note[];
  try {
    notes = await notesIn(original, job.container);
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
