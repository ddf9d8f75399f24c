// The program of the processes that look into files. What these files hold may be made to break whatever reads it, so
// nothing of them is read anywhere else. It imports nothing of ours that is there at run time: tests run it as it stands.
import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, writeFile } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { parseFile } from 'music-metadata';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import type { Job, JobAnswer, JobFailure, JobResult } from './inspection.js';

/** Pixels of the longer side. */
const THUMBNAIL_EDGE = 480;
const THUMBHASH_EDGE = 100;
const AVATAR_EDGE = 512;
/** Of an animation; one of a minute at 16 frames a second. */
const MOST_FRAMES = 1000;
const QUALITY = 85;
const THUMBNAIL_QUALITY = 75;
const TEXT_SAMPLE_BYTES = 4096;

/** What can be decoded at all, whatever a file says that it is. */
const DECODERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'];

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: DECODERS.map((name) => `VipsForeignLoad${name}`) });

class JobError extends Error {
  readonly failure: JobFailure;

  constructor(failure: JobFailure, reason: string) {
    super(reason);
    this.failure = failure;
  }
}

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

interface Picture {
  readonly metadata: Metadata;
  readonly isAnimated: boolean;
  /** Of one frame, upright. */
  readonly width: number;
  readonly height: number;
  /** Its first frame, upright, to be decoded anew each time. */
  readonly still: () => Sharp;
  readonly frames: () => Sharp;
}

async function openPicture(path: string, mostPixels: number): Promise<Picture> {
  const options = { limitInputPixels: mostPixels, failOn: 'error', sequentialRead: true } as const;
  const metadata = await sharp(path, { ...options, limitInputPixels: false }).metadata();
  const frames = metadata.pages ?? 1;
  const pixels = metadata.width * (metadata.pageHeight ?? metadata.height) * frames;
  if (pixels > mostPixels || frames > MOST_FRAMES) {
    throw new JobError('tooManyPixels', `${pixels} pixels in ${frames} frames`);
  }
  return {
    metadata,
    isAnimated: frames > 1 && (metadata.format === 'gif' || metadata.format === 'webp'),
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    still: () => sharp(path, options).autoOrient(),
    frames: () => sharp(path, { ...options, pages: -1 }),
  };
}

/** The picture in a form that every browser shows; nothing of the file but its pixels goes there. */
function displayOf(
  picture: Picture,
): Pick<JobResult<'image'>, 'mimeType'> & { readonly pixels: Sharp } {
  const { isAnimated, metadata, still, frames } = picture;
  const pixels = isAnimated ? frames() : still();
  const { format } = metadata;
  if (format === 'jpeg')
    return {
      mimeType: 'image/jpeg',
      pixels: pixels.jpeg({ quality: QUALITY, optimiseCoding: false }),
    };
  if (format === 'gif') return { mimeType: 'image/gif', pixels: pixels.gif({ effort: 3 }) };
  if (format === 'png') return { mimeType: 'image/png', pixels: pixels.png() };
  // An AVIF takes too long to encode.
  return { mimeType: 'image/webp', pixels: pixels.webp({ quality: QUALITY, effort: 1 }) };
}

async function writeThumbnail(picture: Sharp, path: string): Promise<string> {
  const bytes = await picture
    .resize(THUMBNAIL_EDGE, THUMBNAIL_EDGE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: THUMBNAIL_QUALITY })
    .toBuffer();
  await writeFile(path, bytes, { flag: 'wx' });
  const { data, info } = await sharp(bytes)
    .resize(THUMBHASH_EDGE, THUMBHASH_EDGE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}

async function image(job: Job & { task: 'image' }): Promise<JobResult<'image'>> {
  const picture = await openPicture(job.path, job.mostPixels);
  const { mimeType, pixels } = displayOf(picture);
  await pixels.toFile(job.display);
  const thumbhash = await writeThumbnail(picture.still(), job.thumbnail);
  return { mimeType, width: picture.width, height: picture.height, thumbhash };
}

async function avatar(job: Job & { task: 'avatar' }): Promise<JobResult<'avatar'>> {
  const { still } = await openPicture(job.path, job.mostPixels);
  await still()
    .resize(AVATAR_EDGE, AVATAR_EDGE, { fit: 'cover', position: 'centre' })
    .webp({ quality: QUALITY })
    .toFile(job.square);
  return {};
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
    ...(Number.isFinite(seconds) && seconds > 0 && { durationMs: Math.round(seconds * 1000) }),
    ...(isKnown && { hasVideo: format.hasVideo === true }),
  };
}

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
async function withoutNotes(
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
  await copyFile(job.path, job.display, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const copy = await open(job.display, 'r+');
  try {
    for (const note of notes) await blank(copy, note);
  } finally {
    await copy.close();
  }
  return { hadNotes: true };
}

async function carryOut(job: Job): Promise<unknown> {
  switch (job.task) {
    case 'identify':
      return identify(job.path);
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

async function answer(job: Job): Promise<JobAnswer> {
  try {
    return { ok: true, result: await carryOut(job) };
  } catch (error) {
    const failure = error instanceof JobError ? error.failure : 'unreadable';
    return { ok: false, failure, reason: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (job: Job) => {
  void answer(job).then((result) => process.send?.(result));
});
// Who started this process has gone.
process.on('disconnect', () => process.exit());
