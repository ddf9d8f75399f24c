// The program of the processes that look into files. What these files hold may be made to break whatever reads it, so
// nothing of them is read anywhere else. What it imports of ours has the ending of its source, so that tests run the
// sources as they stand, in a process that knows nothing of a compiler.
import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { parseFile } from 'music-metadata';
import sharp from 'sharp';
import { durationOf } from './duration.ts';
import type { Job, JobAnswer, JobFailure, JobResult } from './inspection.js';
import { JobError } from './job-error.ts';
import { avatar, image, measure, writeThumbnail } from './pictures.ts';
import { withoutNotes } from './notes.ts';

const TEXT_SAMPLE_BYTES = 4096;

async function identify(path: string): Promise<JobResult<'identify'>> {
  const [found, isText] = await Promise.all([fileTypeFromFile(path), beginsAsText(path)]);
  return { ...(found && { mimeType: found.mime }), isText };
}

async function beginsAsText(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(TEXT_SAMPLE_BYTES) });
    const decoder = new TextDecoder('utf-8', { fatal: true });
    // The sample may end within a character.
    const text = decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
    // oxlint-disable-next-line no-control-regex
    return !/[\x00-\x08\x0e-\x1f\x7f]/.test(text);
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

/** What the container says; nothing is decoded. */
async function recording(path: string): Promise<JobResult<'recording'>> {
  const { format } = await parseFile(path, { duration: true, skipCovers: true });
  const seconds = Math.max(
    format.duration ?? 0,
    ...format.trackInfo.map((track) => track.duration ?? 0),
  );
  const isKnown = format.hasVideo === true || format.hasAudio === true;
  return {
    ...durationOf(seconds),
    ...(isKnown && { hasVideo: format.hasVideo === true }),
  };
}

async function carryOut(job: Job): Promise<unknown> {
  switch (job.task) {
    case 'identify':
      return identify(job.path);
    case 'measure':
      return measure(job);
    case 'image':
      return image(job);
    case 'poster':
      return { thumbhash: await writeThumbnail(sharp(job.path), job.thumbnail) };
    case 'avatar':
      return avatar(job);
    case 'recording':
      return recording(job.path);
    case 'withoutNotes':
      return withoutNotes(job);
  }
}

/** What libvips says of a write that failed, which has no code. */
const FAILED_WRITE = /write failed|no space left|quota exceeded/i;

function failureOf(error: Error): JobFailure {
  if (error instanceof JobError) return error.failure;
  return 'errno' in error || FAILED_WRITE.test(error.message) ? 'system' : 'unreadable';
}

async function answer(job: Job): Promise<JobAnswer> {
  try {
    return { ok: true, result: await carryOut(job) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { ok: false, failure: failureOf(error), reason: error.message };
  }
}

process.on('message', (job: Job) => {
  void answer(job).then((result) => process.send?.(result));
});
// Who started this process has gone.
process.on('disconnect', () => process.exit());
