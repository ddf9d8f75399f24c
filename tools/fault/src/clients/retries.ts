/** Longest pause between two tries where the server names none. */
const LONGEST_PAUSE_MS = 2000;
const FIRST_PAUSE_MS = 50;

/** How long to wait after the nth try, from 1: what the server asked for, else longer each time. */
export function pauseAfter(attempt: number, retryAfterMs?: number): number {
  return retryAfterMs ?? Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

/** How long one call is repeated before the replay gives it up: a server may be restarted under it. */
export const PATIENCE_MS = 120_000;
