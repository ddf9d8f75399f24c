/** Numbers from 0 to below 1, the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SEED = 20_041_225;
const LONGEST = 256;

/**
 * What people may search for in these texts, the same in every run: words as common as they are there, the beginnings of
 * words, several words of one message, whole beginnings of messages, and what is nowhere.
 */
export function queriesFrom(texts: readonly string[], count: number): string[] {
  const random = randomNumbers(SEED);
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(random() * items.length)];
  const wordsOfOne = (): string[] => {
    for (;;) {
      const words = pick(texts)?.match(/[\p{L}\p{N}]+/gu) ?? [];
      if (words.length > 2) return words;
    }
  };
  const kinds: (() => string)[] = [
    () => pick(wordsOfOne()) ?? '',
    () => (pick(wordsOfOne()) ?? '').slice(0, 3),
    () => wordsOfOne().toSorted((a, b) => b.length - a.length)[0] ?? '',
    () => {
      const words = wordsOfOne();
      return `${pick(words)} ${pick(words)}`;
    },
    () => wordsOfOne().slice(0, 4).join(' '),
    () => `${pick(wordsOfOne())} ${pick(wordsOfOne())}`,
    () => `${pick(wordsOfOne())}qzx`,
  ];
  return Array.from({ length: count }, (_, number) =>
    (kinds[number % kinds.length]?.() ?? '').slice(0, LONGEST),
  );
}
