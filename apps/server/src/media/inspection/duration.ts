/** Longer ones are no recordings: a file says what it likes. */
const LONGEST_MS = 366 * 24 * 60 * 60 * 1000;

/** What a file says of its length, in whole milliseconds; nothing where that cannot be. */
export function durationOf(seconds: number | undefined): { readonly durationMs?: number } {
  const durationMs = Math.round((seconds ?? 0) * 1000);
  return durationMs > 0 && durationMs <= LONGEST_MS ? { durationMs } : {};
}
