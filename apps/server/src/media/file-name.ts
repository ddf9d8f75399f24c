const SEPARATOR = /[/\\]/;
/** Controls, line ends, bidi marks and overrides, lone surrogates: what is not to be seen, or makes a name look otherwise. */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** In code points. */
const LONGEST = 255;
const LONGEST_EXTENSION = 16;

/**
 * A file's name as it is shown and offered when it is saved: the last part of what the client says, without what is not
 * to be seen, and cut before its extension where it is too long. It names nothing on our disk (T63).
 */
export function shownFileName(given: string | undefined): string {
  const last = (given ?? '').split(SEPARATOR).at(-1) ?? '';
  const name = last.replace(UNSEEN, '').trim();
  if (/^\.*$/.test(name)) return 'file';
  const characters = Array.from(name);
  if (characters.length <= LONGEST) return name;
  const point = characters.lastIndexOf('.');
  const extension =
    point > 0 && characters.length - point <= LONGEST_EXTENSION ? characters.slice(point) : [];
  return [...characters.slice(0, LONGEST - extension.length), ...extension].join('');
}
