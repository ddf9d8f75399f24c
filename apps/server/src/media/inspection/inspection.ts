import * as z from 'zod/mini';

/** What a file is shown as; whatever is none of the others is a `file`. */
export type InspectedKind = 'image' | 'video' | 'audio' | 'file';

/** What a file is, judged from its content. Facts that could not be found are left out. */
export interface Inspection {
  readonly kind: InspectedKind;
  /** Of what others get: of `derived.display`, where there is one. */
  readonly mimeType: string;
  /** In pixels, as it is to be shown. */
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  /** A ThumbHash in base64. */
  readonly thumbhash?: string;
  /** How loud each of up to 100 equal parts of a recording is; the loudest of all has 100. */
  readonly peaks?: readonly number[];
  readonly derived: {
    /** What others get instead of the file, without what its device noted; of a picture, upright. */
    readonly display?: string;
    /** A small picture that does not move, as WebP. */
    readonly thumbnail?: string;
  };
}

const imageType = z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const thumbHash = z.string().check(z.regex(/^[\w+/]{1,64}={0,2}$/));

/** What the processes that look into files are told and answer: one message each. */
export type Job =
  | { readonly task: 'identify'; readonly path: string }
  | { readonly task: 'measure'; readonly path: string; readonly mostPixels: number }
  | {
      readonly task: 'image';
      readonly path: string;
      readonly display: string;
      readonly thumbnail: string;
      readonly mostPixels: number;
    }
  | { readonly task: 'poster'; readonly path: string; readonly thumbnail: string }
  | {
      readonly task: 'avatar';
      readonly path: string;
      readonly square: string;
      readonly mostPixels: number;
    }
  | { readonly task: 'recording'; readonly path: string }
  | {
      readonly task: 'withoutNotes';
      readonly path: string;
      readonly container: 'iso' | 'matroska';
      readonly display: string;
    };

/** What each task is answered with: checked when it comes, since a file may have taken over who answers. */
export const JobResults = {
  /** `mimeType` absent: of no known form. `isText`: it begins as UTF-8 without control characters. */
  identify: z.object({ mimeType: z.optional(z.string()), isText: z.boolean() }),
  /** By its head; `pixels` of all frames together. */
  measure: z.object({ format: z.string(), pixels: z.int().check(z.positive()) }),
  image: z.object({ mimeType: imageType, width: z.int(), height: z.int(), thumbhash: thumbHash }),
  poster: z.object({ thumbhash: thumbHash }),
  avatar: z.object({}),
  recording: z.object({
    durationMs: z.optional(z.int().check(z.positive())),
    hasVideo: z.optional(z.boolean()),
  }),
  /** Whether there was anything to leave out, and `display` therefore is there. */
  withoutNotes: z.object({ hadNotes: z.boolean() }),
} satisfies Record<Job['task'], z.core.$ZodType>;
export type JobResult<T extends Job['task']> = z.output<(typeof JobResults)[T]>;

/**
 * `unreadable`: the file is broken. `tooManyPixels`: nothing of it was decoded. `system`: the disk is full, or the like;
 * the file has nothing to do with it.
 */
export const JobFailure = z.enum(['unreadable', 'tooManyPixels', 'system']);
export type JobFailure = z.output<typeof JobFailure>;

export const JobAnswer = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), failure: JobFailure, reason: z.string() }),
]);
export type JobAnswer = z.output<typeof JobAnswer>;
