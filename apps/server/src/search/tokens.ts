import { withoutUnseen } from './folding.js';
import { asciiWordsOf, type Form, piecesOf } from './pieces.js';

/**
 * Counts up with every change of what the functions below answer. Messages that were indexed by an older version are
 * then indexed again in the background.
 */
export const TOKENS_VERSION = 3;

/**
 * Longer words and emoji are told apart by their beginning alone, as far as the index knows. PostgreSQL takes no lexeme
 * of 2 KiB, and who joins emoji without end must not stop the index.
 */
const MOST_UNITS = 64;

/** What one word of a query, or one run of unspaced script, wants of a text. */
export type Term =
  | { readonly kind: 'word'; readonly text: string; readonly prefix: boolean }
  | { readonly kind: 'run'; readonly characters: readonly string[] }
  | { readonly kind: 'emoji'; readonly text: string };

/** A token to look up, or the beginning of one. */
export interface Lookup {
  readonly token: string;
  readonly prefix: boolean;
}

function cut(token: string): string {
  return token.length > MOST_UNITS ? token.slice(0, MOST_UNITS) : token;
}

/** Each character with the next, and the last one alone. */
function pairsOf(characters: readonly string[]): string[] {
  return characters.map((character, index) => character + (characters[index + 1] ?? ''));
}

/** What a text is found by, each token once. */
export function tokensOf(text: string): string[] {
  const tokens = new Set<string>();
  const words = asciiWordsOf(text);
  if (words) {
    for (const word of words) tokens.add(cut(word));
    return [...tokens];
  }
  for (const piece of piecesOf(withoutUnseen(text))) {
    if (piece.kind === 'word') for (const form of piece.forms) tokens.add(cut(form.text));
    else if (piece.kind === 'emoji') tokens.add(cut(piece.form.text));
    else for (const pair of pairsOf(piece.characters.map((form) => form.text))) tokens.add(pair);
  }
  return [...tokens];
}

/** What a query wants, all of it. The last word may be the beginning of one. */
export function termsOf(query: string): Term[] {
  const pieces = piecesOf(withoutUnseen(query));
  return pieces.flatMap((piece, index): Term[] => {
    if (piece.kind === 'emoji') return [{ kind: 'emoji', text: piece.form.text }];
    if (piece.kind === 'run') {
      return [{ kind: 'run', characters: piece.characters.map((form) => form.text) }];
    }
    const [whole] = piece.forms;
    return whole ? [{ kind: 'word', text: whole.text, prefix: index === pieces.length - 1 }] : [];
  });
}

/** The tokens that every text has which fits the term; not every text that has them fits it. */
export function lookupsOf(term: Term): Lookup[] {
  if (term.kind === 'emoji') return [{ token: cut(term.text), prefix: false }];
  if (term.kind === 'word') return [{ token: cut(term.text), prefix: term.prefix }];
  const { characters } = term;
  if (characters.length === 1) return [{ token: characters[0] ?? '', prefix: true }];
  return pairsOf(characters)
    .slice(0, -1)
    .map((token) => ({ token, prefix: false }));
}

/** Where each of the terms stands in a text, ascending; none where one of them is missing. */
export function matchesOf(text: string, terms: readonly Term[]): Pick<Form, 'start' | 'end'>[] {
  const pieces = piecesOf(text);
  const all = terms.map((term) =>
    pieces.flatMap((piece) => {
      if (piece.kind === 'emoji' && term.kind === 'emoji') {
        return piece.form.text === term.text ? [piece.form] : [];
      }
      if (piece.kind === 'word' && term.kind === 'word') return wordMatch(piece.forms, term);
      if (piece.kind === 'run' && term.kind === 'run') {
        return runMatches(piece.characters, term.characters);
      }
      return [];
    }),
  );
  if (all.some((found) => found.length === 0)) return [];
  return all.flat().toSorted((a, b) => a.start - b.start || b.end - a.end);
}

function wordMatch(forms: readonly Form[], { text, prefix }: { text: string; prefix: boolean }) {
  const form =
    forms.find((form) => form.text === text) ??
    (prefix ? forms.find((form) => form.text.startsWith(text)) : undefined);
  return form ? [form] : [];
}

function runMatches(characters: readonly Form[], wanted: readonly string[]) {
  return characters.flatMap((first, at) => {
    const last = characters[at + wanted.length - 1];
    return last && wanted.every((character, index) => characters[at + index]?.text === character)
      ? [{ start: first.start, end: last.end }]
      : [];
  });
}
