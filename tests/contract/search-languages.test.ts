import { lookupsOf, snippetOf, termsOf, tokensOf } from '@natter/server/search';
import { languages } from '@natter/testing';
import { describe, expect, it } from 'vitest';

/** Whether the index and the look at the text both say so. */
function finds(query: string, text: string): boolean {
  const terms = termsOf(query);
  const tokens = tokensOf(text);
  const has = terms
    .flatMap(lookupsOf)
    .every(({ token, prefix }) =>
      tokens.some((other) => (prefix ? other.startsWith(token) : other === token)),
    );
  return terms.length > 0 && has && snippetOf(text, terms) !== undefined;
}

describe.each(languages)('$text', ({ text, found, missed }) => {
  it.each(found)('is found by %j', (query) => {
    expect(finds(query, text)).toBe(true);
  });
  it.each(missed)('is not found by %j', (query) => {
    expect(finds(query, text)).toBe(false);
  });
});
