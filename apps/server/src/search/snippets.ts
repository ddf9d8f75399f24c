import type { SearchSnippet } from '@natter/protocol';
import { withoutUnseen } from './folding.js';
import { matchesOf, type Term } from './tokens.js';

const MOST_UNITS = 200;
/** How much of the text before the first match is shown. */
const UNITS_BEFORE = 60;
const MOST_RANGES = 50;

/** What must not be torn from the character before it. */
const CONTINUES = /^[\p{M}\p{Emoji_Modifier}\u200d]|^[\udc00-\udfff]/u;

/** The nearest place at or before `at` where the text can be cut. */
function cuttable(text: string, at: number): number {
  let place = at;
  while (
    place > 0 &&
    (CONTINUES.test(text.slice(place, place + 2)) || text[place - 1] === '\u200d')
  )
    place -= 1;
  return place;
}

/** A cut that spares the word, where there is a space near. */
function beginningBefore(text: string, first: number): number {
  if (first <= UNITS_BEFORE) return 0;
  const from = first - UNITS_BEFORE;
  const space = text.slice(from, first).search(/\s\S/u);
  return space < 0 ? cuttable(text, from) : from + space + 1;
}

function merged(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const result: [number, number][] = [];
  for (const [start, end] of ranges) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

/** The part of a text that shows why it was found; `undefined` where it does not fit all terms. */
export function snippetOf(text: string, terms: readonly Term[]): SearchSnippet | undefined {
  const shown = withoutUnseen(text);
  const matches = matchesOf(shown, terms);
  const [first] = matches;
  if (!first) return undefined;
  const from = beginningBefore(shown, first.start);
  const to = cuttable(shown, Math.min(shown.length, from + MOST_UNITS));
  const before = from > 0 ? '…' : '';
  const shift = before.length - from;
  const ranges = matches
    .filter(({ start }) => start < to)
    .map(({ start, end }) => [start + shift, Math.min(end, to) + shift] as const);
  return {
    text: `${before}${shown.slice(from, to)}${to < shown.length ? '…' : ''}`,
    ranges: merged(ranges).slice(0, MOST_RANGES),
  };
}
