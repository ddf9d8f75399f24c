import * as z from 'zod/mini';
import { pageLimits } from './limits.js';

/** Length of `text` in UTF-8 bytes; a lone surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * An optional input field: absent and `null` mean the same (docs/protocol.md, Conventions). Parsed, both are `undefined`.
 */
export function optionalInput<T extends z.core.$ZodType>(schema: T) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );
}

const LONE_SURROGATE = /\p{Surrogate}/u;
// With the two separators that end a line or a paragraph.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const BIDI_OVERRIDE = /[\u202a-\u202e\u2066-\u2069]/u;
// Beyond white space: controls, format characters, and the letters that fonts draw as nothing.
const VISIBLE = /[^\s\p{Cc}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]/u;

// What is drawn as nothing: made to be ignored, or to frame annotations.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
const PICTURE = String.raw`\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0e\ufe0f]*`;
// Letters that change with their neighbours, from Arabic to Sinhala.
const JOINING_SCRIPTS =
  'Arab Syrc Mong Nkoo Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Mymr Khmr';
const JOINING = `[${JOINING_SCRIPTS.replace(/\w+/g, String.raw`\p{scx=$&}`).replaceAll(' ', '')}]`;
/** Invisible characters where they make what is seen: in emoji, between letters that join, after Han characters. */
const IN_PLACE = new RegExp(
  [
    String.raw`${PICTURE}(?:\u200d${PICTURE})*[\u{e0020}-\u{e007f}]*`,
    String.raw`[0-9#*]\ufe0f\u20e3`,
    String.raw`(?<=${JOINING})\u200d`,
    String.raw`(?<=${JOINING})\u200c(?=${JOINING})`,
    String.raw`(?<=\p{scx=Mong})[\u180b-\u180d\u180f]`,
    String.raw`(?<=\p{scx=Han})[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]`,
  ].join('|'),
  'gu',
);

/** Text that PostgreSQL and every JSON parser carry unchanged: neither NUL nor lone surrogates. */
export const storableText = z.string().check(
  z.refine((text) => !text.includes('\0'), 'must not contain NUL'),
  z.refine((text) => !LONE_SURROGATE.test(text), 'must not contain lone surrogates'),
);

/** Storable text with something to see in it (rule MSG-1). */
export const visibleText = storableText.check(
  z.refine((text) => VISIBLE.test(text), 'must contain a character that is not blank'),
);

/**
 * A name shown on one line: trimmed, 1 to `maximum` code points, without controls, bidi overrides and what is not to be
 * seen, by which one name could look like another (AUTH-4).
 */
export function displayLine(maximum: number) {
  return storableText.check(
    z.trim(),
    z.refine((text) => VISIBLE.test(text), 'must contain a character that is not blank'),
    z.refine((text) => Array.from(text).length <= maximum, `must be at most ${maximum} characters`),
    z.refine((text) => !CONTROL.test(text), 'must not contain control characters'),
    z.refine((text) => !BIDI_OVERRIDE.test(text), 'must not contain bidirectional overrides'),
    z.refine(
      (text) => !INVISIBLE.test(text.replace(IN_PLACE, '')),
      'must not contain invisible characters that change nothing',
    ),
  );
}

function identifier<Name extends string>() {
  return z.guid().check(z.toLowerCase()).brand<Name>();
}

/** Ids are UUIDs, read in any case and compared in lower case. Those that the server makes are UUIDv7. */
export const ChatId = identifier<'ChatId'>();
export type ChatId = z.output<typeof ChatId>;
export const UserId = identifier<'UserId'>();
export type UserId = z.output<typeof UserId>;
export const DeviceId = identifier<'DeviceId'>();
export type DeviceId = z.output<typeof DeviceId>;
export const MessageId = identifier<'MessageId'>();
export type MessageId = z.output<typeof MessageId>;
export const MediaId = identifier<'MediaId'>();
export type MediaId = z.output<typeof MediaId>;
/** Made by the client, unique per sender and chat (IDEM-1). */
export const ClientMessageId = identifier<'ClientMessageId'>();
export type ClientMessageId = z.output<typeof ClientMessageId>;

/** Deeper values are refused before anything walks them, so that no input exhausts the stack (T56). */
const JSON_DEPTH = 32;

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether JSON carries the value unchanged: no binary, no dates, no `NaN`, at most 32 levels deep. */
function isJson(value: unknown, depth: number = JSON_DEPTH): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1));
  return isPlainObject(value) && Object.values(value).every((item) => isJson(item, depth - 1));
}

/** Any JSON value, carried as it is and never looked into. */
export const opaqueJson = z
  .unknown()
  .check(z.refine((value) => isJson(value), `must be JSON of at most ${JSON_DEPTH} levels`));

/** Standard base64 with padding (RFC 4648, section 4) of at least one byte. */
export const Base64 = z
  .string()
  .check(
    z.refine(
      (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text),
      'must be base64 with padding',
    ),
  );

/** How many bytes a `Base64` stands for. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

/** ISO 8601 in UTC with milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 });

/** A place in a chat's stream (`seq`) or in a user's own (`userSeq`): 1, 2, 3 …; 0 is before the first. */
export const Seq = z.int().check(z.nonnegative());

/** A whole number in a query string: digits only, so that `1e3`, `0x1`, ` 1` and lists are refused. */
export function queryInteger(minimum: number, maximum: number) {
  return z.pipe(
    z.transform((value: unknown) =>
      typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value,
    ),
    z.int().check(z.minimum(minimum), z.maximum(maximum)),
  );
}

/** Opaque, made by the server; any other string is `INVALID`. */
export const Cursor = z.string().check(z.minLength(1), z.maxLength(1024));

export function page<T extends z.core.$ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.optional(Cursor) });
}

export const PageQuery = z.object({
  cursor: z.optional(Cursor),
  limit: z._default(queryInteger(1, pageLimits.page.maximum), pageLimits.page.default),
});
export type PageQuery = z.output<typeof PageQuery>;
