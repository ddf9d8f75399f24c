/** Each time three times as long as before. */
const FACTOR = 3;
const LONGEST_MS = 60 * 60_000;
/** Those that failed together are not tried again together. */
const SPREAD = 0.2;

/** The header as milliseconds from `now`: it holds seconds, or a date (RFC 9110). */
function askedMs(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

/**
 * How long to wait before a push is tried again: an hour at most.
 *
 * @param attempts How many times it has been tried again already.
 * @param retryAfter What the push service asks for; it never gets less, up to the hour.
 */
export function retryDelayMs(
  baseMs: number,
  attempts: number,
  retryAfter?: string,
  now: number = Date.now(),
): number {
  const own = baseMs * FACTOR ** attempts * (1 + Math.random() * SPREAD);
  return Math.min(Math.max(own, askedMs(retryAfter, now)), LONGEST_MS);
}
