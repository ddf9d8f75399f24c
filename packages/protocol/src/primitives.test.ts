import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { displayLine } from './primitives.js';
import { Username } from './users.js';

const Name = displayLine(64);

describe('a name', () => {
  it.each([
    ['Latin with marks', 'Zoë Müller-Łukasz'],
    ['a decomposed letter', 'Zoe\u0308'],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['Devanagari with a joiner', 'क्\u200dष'],
    ['Devanagari with a non-joiner', 'क्\u200cष'],
    ['Malayalam that ends in a joiner', 'അവന്\u200d'],
    ['Sinhala with a joiner', 'ශ්\u200dරී'],
    ['a family', '👨\u200d👩\u200d👧\u200d👦'],
    ['a profession with a skin tone', 'Dr 👩🏽\u200d⚕\ufe0f'],
    ['a heart', '❤\ufe0f Anna'],
    ['a pirate flag', '🏴\u200d☠\ufe0f'],
    ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['a flag of two letters', '🇫🇷'],
    ['a keycap', '1\ufe0f\u20e3 and #\ufe0f\u20e3'],
    ['an ideograph with a variation', '葛\u{e0100}城'],
    ['Mongolian with a variation', 'ᠠ\u180bᠨ'],
    ['Hebrew and Arabic', 'שלום سلام'],
    ['an Arabic number sign, which is drawn', '\u0600١'],
  ])('may hold %s', (_, text) => {
    expect(z.parse(Name, text)).toBe(text);
  });

  it.each([
    ['a zero-width space', 'an\u200bna'],
    ['a word joiner', 'an\u2060na'],
    ['a byte order mark', 'an\ufeffna'],
    ['a soft hyphen', 'an\u00adna'],
    ['a combining grapheme joiner', 'an\u034fna'],
    ['a joiner between Latin letters', 'an\u200dna'],
    ['a non-joiner between Latin letters', 'an\u200cna'],
    ['a non-joiner at the end of Arabic', 'علی\u200c'],
    ['two joiners', 'क्\u200d\u200dष'],
    ['a joiner after an emoji and before nothing', '👨\u200d'],
    ['a joiner between an emoji and a letter', '👨\u200dx'],
    ['a left-to-right mark', 'anna\u200e!'],
    ['a right-to-left mark', 'anna\u200f!'],
    ['an Arabic letter mark', 'anna\u061c!'],
    ['an invisible times', 'an\u2062na'],
    ['a Hangul filler', 'an\u3164na'],
    ['a Khmer inherent vowel', 'ក\u17b4ក'],
    ['a variation selector after a letter', 'anna\ufe0f'],
    ['a tag outside of a flag', 'an\u{e0061}na'],
    ['an annotation', 'an\ufff9na'],
    ['a bidi override', 'an\u202ena'],
    ['a bidi isolate', 'an\u2066na'],
    ['a line separator', 'an\u2028na'],
    ['a paragraph separator', 'an\u2029na'],
    ['a line feed', 'an\nna'],
    ['NUL', 'an\0na'],
    ['nothing to see', '\u2800'],
  ])('must not hold %s', (_, text) => {
    expect(z.safeParse(Name, text).success).toBe(false);
  });

  it('is counted in code points after trimming', () => {
    expect(z.parse(Name, ` ${'👋'.repeat(64)} `)).toBe('👋'.repeat(64));
    expect(z.safeParse(Name, '👋'.repeat(65)).success).toBe(false);
  });
});

it.each(['anna\u200b', 'an\u200dna', '\ufeffanna', 'an\u00adna', 'аnna', 'anna\u0301', 'ａnna'])(
  'a username is plain ASCII: not %j',
  (text) => {
    expect(z.safeParse(Username, text).success).toBe(false);
  },
);
