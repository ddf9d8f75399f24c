import { type RawBuilder, sql } from 'kysely';

/** The least share of trigrams that a word has in common with one that is the same but for a typing error. */
const SIMILAR_WORD = 0.33;
/** Shorter texts have too few trigrams to tell a typing error from another name. */
const LEAST_CHARACTERS = 4;

/** White space and the punctuation of ASCII; in JavaScript and in PostgreSQL the same. */
const BETWEEN_WORDS = String.raw`[\s!-/:-@\[-\x60{-~]+`;

function wordsOf(text: string): string[] {
  return text.split(new RegExp(BETWEEN_WORDS, 'u')).filter(Boolean);
}

/** Whether a text is long enough that names similar to it can be told from others. */
export function canBeSimilar(text: string): boolean {
  return Array.from(wordsOf(text).join('')).length >= LEAST_CHARACTERS;
}

/**
 * Whether each word of a text is, but for a typing error, one of a name or a part of one, without regard to case.
 * Similarity as a whole would find every name that has one word in common with the text.
 */
export function isSimilar(name: RawBuilder<unknown>, text: string): RawBuilder<boolean> {
  if (!canBeSimilar(text)) return sql<boolean>`false`;
  return sql<boolean>`(
    select bool_and(exists (
      select from regexp_split_to_table(lower(${name}), ${BETWEEN_WORDS}) own
      where similarity(own, lower(word)) >= ${sql.lit(SIMILAR_WORD)} or strpos(own, lower(word)) > 0
    ))
    from unnest(${wordsOf(text)}::text[]) word
  )`;
}
