/**
 * Letters that stand for others in a search: those that no Unicode normalization takes apart, and Arabic ones that
 * people write for each other.
 */
const FOLDED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  þ: 'th',
  // Without a dot it is the other i of Turkish, which everybody else types as an i.
  ı: 'i',
  ς: 'σ',
  ё: 'е',
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
};
const FOLDED_LETTER = new RegExp(`[${Object.keys(FOLDED).join('')}]`, 'g');

// Marks of other scripts are letters to their readers: a Hindi word without its vowel signs is another word.
const ACCENTED = /([\p{sc=Latin}\p{sc=Greek}])\p{Mn}+/gu;
const STRESSED = /(\p{sc=Cyrillic})[\u0300\u0301]/gu;
/** What writers of Arabic, Hebrew and Hindi leave out or put in as they like, and what is not seen at all. */
const OPTIONAL =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c]|\u200c|\u200d|\u20e3|[\ufe00-\ufe0f]/g;
/** Beyond so many on one letter, as in Unicode's stream-safe format: normalizing costs the square of their number. */
const MARKS_IN_EXCESS = /(\p{M}{30})\p{M}+/gu;
const NO_WORD = /[^\p{L}\p{M}\p{N}]/gu;
const NATIVE_DIGIT = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;
const ASCII_WORD = /^[0-9A-Za-z]*$/;

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = code >= 0x966 ? 0x966 : code >= 0x6f0 ? 0x6f0 : 0x660;
  return String(code - zero);
}

/** A word, or a part of one, as it is compared: without regard to case, accents, width and ways of writing. */
export function folded(word: string): string {
  if (ASCII_WORD.test(word)) return word.toLowerCase();
  return word
    .replace(MARKS_IN_EXCESS, '$1')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(ACCENTED, '$1')
    .replace(STRESSED, '$1')
    .replace(OPTIONAL, '')
    .normalize('NFC')
    .replace(FOLDED_LETTER, (letter) => FOLDED[letter] ?? letter)
    .replace(NATIVE_DIGIT, asciiDigit)
    .replace(NO_WORD, '');
}

const SHADE = /\ufe0f|\p{Emoji_Modifier}/gu;

/** An emoji whatever its skin and its variant. */
export function foldedEmoji(emoji: string): string {
  return emoji.replace(SHADE, '');
}

// Not the joiners, which belong to emoji and to words of some scripts.
const UNSEEN = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/** The text without what nobody sees: neither does it hide a word, nor turn around what stands beside a snippet (T49). */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, '');
}
