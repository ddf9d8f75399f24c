import { readFile, writeFile } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { copyGif } from './gif-copy.ts';
import type { Job, JobResult } from './inspection.js';
import { JobError } from './job-error.ts';

/** Pixels of the longer side. */
const THUMBNAIL_EDGE = 480;
const THUMBHASH_EDGE = 100;
const AVATAR_EDGE = 512;
/** Of an animation; one of a minute at 16 frames a second. */
const MOST_FRAMES = 1000;
const QUALITY = 85;
const THUMBNAIL_QUALITY = 75;

/** What can be decoded at all, whatever a file says that it is. */
const DECODERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'];

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: DECODERS.map((name) => `VipsForeignLoad${name}`) });

type ImageType = JobResult<'image'>['mimeType'];

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

const READING = { failOn: 'error', sequentialRead: true } as const;

/** Reads the head of a picture, and decodes nothing. */
async function readHead(path: string, mostPixels: number) {
  const metadata = await sharp(path, { ...READING, limitInputPixels: false }).metadata();
  const frames = metadata.pages ?? 1;
  const pixels = metadata.width * (metadata.pageHeight ?? metadata.height) * frames;
  if (pixels > mostPixels || frames > MOST_FRAMES) {
    throw new JobError('tooManyPixels', `${pixels} pixels in ${frames} frames`);
  }
  return { metadata, frames, pixels };
}

/** How much there is to decode, which says what it may take. */
export async function measure(job: Job & { task: 'measure' }): Promise<JobResult<'measure'>> {
  const { metadata, pixels } = await readHead(job.path, job.mostPixels);
  return { format: metadata.format, pixels };
}

async function openPicture(path: string, mostPixels: number): Promise<Picture> {
  const options = { ...READING, limitInputPixels: mostPixels };
  const { metadata, frames } = await readHead(path, mostPixels);
  return {
    metadata,
    isAnimated: frames > 1 && (metadata.format === 'gif' || metadata.format === 'webp'),
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    still: () => sharp(path, options).autoOrient(),
    frames: () => sharp(path, { ...options, pages: -1 }),
  };
}

/** Writes the picture in a form that every browser shows; nothing of the file but its pixels goes there. */
async function writeDisplay(picture: Picture, job: Job & { task: 'image' }): Promise<ImageType> {
  const { isAnimated, metadata, still, frames } = picture;
  const { format } = metadata;
  if (format === 'gif') {
    await writeFile(job.display, copyGif(await readFile(job.path)));
    return 'image/gif';
  }
  if (format === 'jpeg') {
    // To optimise codes takes a second pass, and the memory of the whole picture.
    await still().jpeg({ quality: QUALITY, optimiseCoding: false }).toFile(job.display);
    return 'image/jpeg';
  }
  if (format === 'png') {
    await still().png().toFile(job.display);
    return 'image/png';
  }
  // An AVIF takes too long to encode.
  const pixels = isAnimated ? frames() : still();
  await pixels.webp({ quality: QUALITY, effort: 1 }).toFile(job.display);
  return 'image/webp';
}

/** Writes a small picture that does not move, and gives back its ThumbHash. */
export async function writeThumbnail(picture: Sharp, path: string): Promise<string> {
  const bytes = await picture
    .resize(THUMBNAIL_EDGE, THUMBNAIL_EDGE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: THUMBNAIL_QUALITY })
    .toBuffer();
  await writeFile(path, bytes);
  const { data, info } = await sharp(bytes)
    .resize(THUMBHASH_EDGE, THUMBHASH_EDGE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}

/** Makes what others get of a picture. */
export async function image(job: Job & { task: 'image' }): Promise<JobResult<'image'>> {
  const picture = await openPicture(job.path, job.mostPixels);
  // First, since it decodes the picture: of a GIF the display is no proof that it can be.
  const thumbhash = await writeThumbnail(picture.still(), job.thumbnail);
  const mimeType = await writeDisplay(picture, job);
  return { mimeType, width: picture.width, height: picture.height, thumbhash };
}

/** Makes a square of the middle of a picture. */
export async function avatar(job: Job & { task: 'avatar' }): Promise<JobResult<'avatar'>> {
  const { still } = await openPicture(job.path, job.mostPixels);
  await still()
    .resize(AVATAR_EDGE, AVATAR_EDGE, { fit: 'cover', position: 'centre' })
    .webp({ quality: QUALITY })
    .toFile(job.square);
  return {};
}
