import { folded, foldedEmoji } from './folding.js';

/** A folded text, and where in the original it stands, in UTF-16 units. */
export interface Form {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * What a text is made of for the search. A word has its forms, the whole one first. A run is text of a script that is
 * written without spaces, character by character.
 */
export type Piece =
  | { readonly kind: 'word'; readonly forms: readonly Form[] }
  | { readonly kind: 'run'; readonly characters: readonly Form[] }
  | { readonly kind: 'emoji'; readonly form: Form };

// Korean has spaces, but writes particles to its words: like this they are found without them.
const UNSPACED = String.raw`(?=[\p{L}\p{N}])[${[
  'Han',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Hangul',
  'Thai',
  'Lao',
  'Khmer',
  'Myanmar',
]
  .map((script) => String.raw`\p{scx=${script}}`)
  .join('')}]`;
/** With its marks; the last two are the voice marks of Japanese in half width. */
const CHARACTER = String.raw`${UNSPACED}[\p{M}\uff9e\uff9f]*`;
const LETTER = String.raw`(?!${UNSPACED})[\p{L}\p{N}]`;
const WORD = String.raw`${LETTER}(?:${LETTER}|[\p{M}\u200c\u200d])*`;
const PICTURE = String.raw`\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})*`;
const EMOJI = String.raw`\p{Regional_Indicator}{2}|${PICTURE}(?:\u200d${PICTURE})*`;
const PIECE = new RegExp(`(?<word>${WORD})|(?<run>(?:${CHARACTER})+)|(?<emoji>${EMOJI})`, 'gu');
const CHARACTERS = new RegExp(CHARACTER, 'gu');
/** What most texts are. They have nothing but words, which are found at a part of the cost. */
const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[0-9A-Za-z]+/g;

/** Of `getUserById2`: get, User, By, Id, 2. */
const PART =
  /\p{Lu}+(?!\p{Ll})\p{M}*|\p{Lu}?(?:[\p{Ll}\p{Lt}\p{Lm}\p{Lo}][\p{M}\u200c\u200d]*)+|\p{N}+/gu;
/** A word with more parts is no name of anything, but some encoded payload. */
const MOST_PARTS = 16;

function formOf(word: string, start: number, end: number): Form {
  return { text: folded(word.slice(start, end)), start, end };
}

/** What most words are, which have no parts. It is known for less than it takes to look for them. */
const PLAIN = /^(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+)$/;

/** The word, each of its parts, and what is left of it from each part on. */
function formsOf(word: string, at: number): Form[] {
  if (PLAIN.test(word)) return [{ text: word.toLowerCase(), start: at, end: at + word.length }];
  const whole = formOf(word, 0, word.length);
  const parts = [...word.matchAll(PART)];
  const inside =
    parts.length < 2 || parts.length > MOST_PARTS
      ? []
      : parts.flatMap((part, index) => {
          const own = formOf(word, part.index, part.index + part[0].length);
          const isInside = index > 0 && index < parts.length - 1;
          return isInside ? [own, formOf(word, part.index, word.length)] : [own];
        });
  return [whole, ...inside]
    .filter(({ text }) => text !== '')
    .map(({ text, start, end }) => ({ text, start: start + at, end: end + at }));
}

/** A character may fold into several, all of which stand where it does. */
function charactersOf(run: string, at: number): Form[] {
  return [...run.matchAll(CHARACTERS)].flatMap((found) => {
    const start = at + found.index;
    const end = start + found[0].length;
    return Array.from(folded(found[0]), (text) => ({ text, start, end }));
  });
}

/** All forms of all words of a text that has nothing but ASCII; undefined for any other. */
export function asciiWordsOf(text: string): string[] | undefined {
  if (!ASCII.test(text)) return undefined;
  const found: string[] = [];
  for (const word of text.match(ASCII_WORD) ?? []) {
    if (PLAIN.test(word)) found.push(word.toLowerCase());
    else for (const form of formsOf(word, 0)) found.push(form.text);
  }
  return found;
}

export function piecesOf(text: string): Piece[] {
  if (ASCII.test(text)) {
    return Array.from(text.matchAll(ASCII_WORD), ({ 0: word, index }) => ({
      kind: 'word',
      forms: formsOf(word, index),
    }));
  }
  return [...text.matchAll(PIECE)].flatMap((found): Piece[] => {
    const at = found.index;
    const { word, run } = found.groups ?? {};
    if (word !== undefined) {
      const forms = formsOf(word, at);
      return forms.length > 0 ? [{ kind: 'word', forms }] : [];
    }
    if (run !== undefined) return [{ kind: 'run', characters: charactersOf(run, at) }];
    const form = { text: foldedEmoji(found[0]), start: at, end: at + found[0].length };
    return [{ kind: 'emoji', form }];
  });
}
