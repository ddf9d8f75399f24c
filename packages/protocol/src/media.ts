import * as z from 'zod/mini';
import { pageLimits } from './limits.js';
import {
  DeviceId,
  MediaId,
  optionalInput,
  queryInteger,
  storableText,
  Timestamp,
  UserId,
} from './primitives.js';

/** What a file is shown as. Whatever is none of the others, or may not be looked into, is a `file`. */
export const MediaKind = z.enum(['image', 'video', 'audio', 'file']);
export type MediaKind = z.output<typeof MediaKind>;

/** A picture, video, recording or file that was uploaded. What it is is judged from its content (MEDIA-1). */
export const Media = z
  .object({
    id: MediaId,
    kind: MediaKind,
    mimeType: z.string(),
    /** In bytes, of what `url` answers. */
    size: z.int().check(z.nonnegative()),
    /** As the uploader calls it, without folders and characters that are not to be seen. */
    fileName: z.string(),
    /** In pixels, as it is to be shown. */
    width: z.optional(z.int()),
    height: z.optional(z.int()),
    durationMs: z.optional(z.int()),
    /** A tiny preview (ThumbHash) in base64. */
    thumbhash: z.optional(z.string()),
    voice: z.optional(z.literal(true)),
    /** How loud it is from its beginning to its end; only their relation to the highest counts. */
    peaks: z.optional(z.array(z.number())),
    /** Address of the bytes, and of a small picture; both are stable and want the bearer token (MEDIA-2). */
    url: z.string(),
    thumbnailUrl: z.optional(z.string()),
  })
  .register(z.globalRegistry, { id: 'Media' });
export type Media = z.output<typeof Media>;

const LONGEST_MS = 24 * 60 * 60 * 1000;

/** A text field of a form that says yes or no. */
const flag = z.pipe(
  z.transform((value: unknown) => {
    if (value === 'true' || value === '1') return true;
    return value === 'false' || value === '0' || value === '' ? false : value;
  }),
  z.boolean(),
);

function numbersOf(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('[') ? text : `[${text}]`);
  } catch {
    return text;
  }
}

/** A list of numbers as text, as JSON or separated by commas. */
const peaks = z.pipe(
  z.transform((value: unknown) => (typeof value === 'string' ? numbersOf(value) : value)),
  z
    .array(z.number().check(z.nonnegative()))
    .check(z.minLength(1), z.maxLength(pageLimits.mediaPeaks)),
);

/**
 * What an uploader tells of a file: the text fields of the form, which come before the file, and the metadata of a
 * resumable upload. Of an `opaque` file, which its readers alone can decrypt, nothing is looked into or kept.
 */
export const UploadFields = z.object({
  voice: z.optional(flag),
  durationMs: z.optional(queryInteger(0, LONGEST_MS)),
  peaks: z.optional(peaks),
  opaque: z.optional(flag),
});
export type UploadFields = z.output<typeof UploadFields>;

/** Of an avatar: whoever knows it may see the picture. */
export const AvatarParams = z.object({ name: z.string().check(z.regex(/^[0-9a-f]{32}$/)) });

/** An upload of the caller's to make an avatar of; `null` removes the avatar. */
export const avatarMediaId = z.nullish(MediaId);

export const MediaParams = z.object({ id: MediaId });

/** A `link` of `POST /v1/media/links` stands for the bearer token, for a page or a player that cannot send one. */
export const LinkQuery = z.object({ link: z.optional(storableText.check(z.maxLength(512))) });

export const MediaLinksInput = z.object({
  ids: z.array(MediaId).check(z.minLength(1), z.maxLength(pageLimits.page.maximum)),
});

/** Addresses for one caller, device and media, until then. The policy is asked at each request all the same. */
export const MediaLink = z
  .object({
    id: MediaId,
    url: z.string(),
    thumbnailUrl: z.optional(z.string()),
    expiresAt: Timestamp,
  })
  .register(z.globalRegistry, { id: 'MediaLink' });
export type MediaLink = z.output<typeof MediaLink>;

/** When a member's device first had all of a file. */
export const MediaDownload = z
  .object({ userId: UserId, deviceId: DeviceId, downloadedAt: Timestamp })
  .register(z.globalRegistry, { id: 'MediaDownload' });
export type MediaDownload = z.output<typeof MediaDownload>;

/** Which media a message holds, in their order; how many it may hold, an operator says. */
const anyMediaIds = z.array(MediaId).check(
  z.maxLength(pageLimits.messageMedia),
  z.refine((ids) => new Set(ids).size === ids.length, 'must name each media once'),
);
export const mediaIds = anyMediaIds.check(z.minLength(1));
export const optionalMediaIds = optionalInput(anyMediaIds);
