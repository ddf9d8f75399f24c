import { expect, it } from 'vitest';
import { snippetOf } from './snippets.js';
import { lookupsOf, termsOf, tokensOf } from './tokens.js';

it('nothing that could be more than text is ever a token', () => {
  const text = `a'b "c" d&e|f !g h:* <-> \\ % _ (i) "; drop table; \u0000 x:y`;
  for (const token of tokensOf(text)) expect(token).toMatch(/^[\p{L}\p{M}\p{N}]+$/u);
});

it('a query without a word wants nothing', () => {
  for (const query of ['%', '_', '\\', "'", '& | !', '…', ':*', ' ']) {
    expect(termsOf(query)).toEqual([]);
  }
});

it('a snippet shows the first match within its surroundings', () => {
  const text = `${'before '.repeat(40)}Crème brûlée ${'after '.repeat(60)}`;
  const snippet = snippetOf(text, termsOf('creme bru'));
  expect(snippet?.text.length).toBeLessThanOrEqual(202);
  expect(snippet?.text).toMatch(/^…before .*Crème brûlée after .*…$/u);
  expect(snippet?.ranges.map(([start, end]) => snippet.text.slice(start, end))).toEqual([
    'Crème',
    'brûlée',
  ]);
});

it('T49 a snippet neither carries what turns its surroundings around, nor is it fooled by it', () => {
  const snippet = snippetOf('pay \u202eto\u202c the ad\u200bmin now', termsOf('admin'));
  expect(snippet).toEqual({ text: 'pay to the admin now', ranges: [[11, 16]] });
});

it.each([
  ['👩‍👩‍👧‍👦', 'a family of one character'],
  ['é'.normalize('NFD'), 'a letter with a mark'],
  ['𝒳', 'a letter of two units'],
])('a snippet never cuts %s', (character) => {
  for (let padding = 0; padding < 12; padding += 1) {
    const text = `${'x'.repeat(padding)}${character.repeat(100)} word ${character.repeat(100)}`;
    const shown = snippetOf(text, termsOf('word'))?.text.replaceAll(/^…|…$/gu, '') ?? '';
    expect(shown.replaceAll(character, '')).toMatch(/^x* word $/u);
  }
});

it('a long text costs no more than its length', () => {
  const text = `${'a1'.repeat(4000)} ${'漢字'.repeat(2000)} ${'aB'.repeat(500)}`;
  expect(tokensOf(text).length).toBeLessThan(2000);
});

it('T58 of the marks on one letter only as many count as any language has', () => {
  const marked = (count: number) => `и${'\u0327\u0308'.repeat(count / 2)}`;
  expect(tokensOf(marked(8000))).toEqual(tokensOf(marked(30)));
  expect(tokensOf(marked(28))).not.toEqual(tokensOf(marked(30)));
});

it('T58 no token is longer than the index takes, whatever a word or an emoji is made of', () => {
  const endless = ['a', 'aB1', 'ß', '👩\u200d', '👋🏽\u200d', 'e\u0301', '漢', 'ก\u0e49'];
  for (const part of endless) {
    const tokens = tokensOf(`needle ${part.repeat(3000)}`);
    expect(tokens).toContain('needle');
    for (const token of tokens) expect(token.length).toBeLessThanOrEqual(64);
  }
  expect(lookupsOf({ kind: 'emoji', text: '👩\u200d'.repeat(3000) })).toEqual([
    { token: tokensOf('👩\u200d'.repeat(3000))[0], prefix: false },
  ]);
});
