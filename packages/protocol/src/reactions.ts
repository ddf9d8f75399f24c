import * as z from 'zod/mini';
import { MessageReference } from './messages.js';
import { MessageId, PageQuery, storableText, Timestamp } from './primitives.js';
import { User } from './users.js';

/** Longer than any emoji: a family of four with skin tones has 41 units. */
const EMOJI_UNITS = 64;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
// The flag is newer than the compiler's target; every browser and Node 20 know it.
const RECOMMENDED = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');
const ELEMENT = String.raw`\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?`;
/**
 * Beyond the recommended ones: pictographs as keyboards also send them, such as a heart without its variation selector, and
 * sequences newer than this. A grapheme that goes on otherwise, with accents, is none.
 */
const PICTOGRAPHS = new RegExp(`^${ELEMENT}(?:\u200d${ELEMENT})*$`, 'u');

function isEmoji(text: string): boolean {
  const [first, second] = graphemes.segment(text);
  if (!first || second) return false;
  return RECOMMENDED.test(text) || PICTOGRAPHS.test(text);
}

/** One grapheme that is an emoji (MSG-6). */
export const Emoji = storableText.check(
  z.maxLength(EMOJI_UNITS, { abort: true }),
  z.refine(isEmoji, 'must be one emoji'),
);

export const ReactionInput = z.object({ ...MessageReference.shape, emoji: Emoji });
export const ReactionParams = z.object({ id: MessageId, emoji: Emoji });

export const ListReactionsQuery = z.object({ ...PageQuery.shape, emoji: z.optional(Emoji) });
export type ListReactionsQuery = z.output<typeof ListReactionsQuery>;

/** Who reacted, with what, and when. */
export const Reaction = z
  .object({ user: User, emoji: z.string(), at: Timestamp })
  .register(z.globalRegistry, { id: 'Reaction' });
export type Reaction = z.output<typeof Reaction>;
