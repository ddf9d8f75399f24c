import type { JobResult } from './inspection.js';
import type { ProcessLimits } from './watch-process.js';

const MIB = 1024 * 1024;

/** Of a process that decodes nothing, or little: it takes 80 to 150 MiB. */
export const PLAIN_LIMITS: ProcessLimits = { memoryBytes: 200 * MIB };

/** For the program itself, and what is not of a size that grows with the picture. */
const BASE_MEMORY_BYTES = 160 * MIB;
/** JPEG, PNG and GIF are decoded line by line, but for those in stages. */
const BYTES_PER_PIXEL: Readonly<Record<string, number>> = { jpeg: 6, png: 6, gif: 8, webp: 12 };
/** AVIF, whose decoder holds several pictures at once, and its picture becomes a WebP. */
const MOST_BYTES_PER_PIXEL = 24;
const BASE_CPU_MS = 2000;
const CPU_MS_PER_MEGAPIXEL = 500;

/**
 * What may be taken to make of a picture what others get, by what its head says: more than pictures full of noise have
 * taken (`docs/adr/0011-media.md`).
 */
export function pictureLimits({ format, pixels }: JobResult<'measure'>): ProcessLimits {
  return {
    memoryBytes: BASE_MEMORY_BYTES + pixels * (BYTES_PER_PIXEL[format] ?? MOST_BYTES_PER_PIXEL),
    cpuMs: BASE_CPU_MS + (pixels / 1_000_000) * CPU_MS_PER_MEGAPIXEL,
  };
}
