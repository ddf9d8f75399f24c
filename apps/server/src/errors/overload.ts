import { NatterError } from './natter-error.js';

/** When to try again, where nothing tells how long that will take. */
const RETRY_AROUND_MS = 1000;

/**
 * A wait of half of `aroundMs` to one and a half of it, so that those who were refused together do not come back
 * together.
 */
export function spread(aroundMs = RETRY_AROUND_MS): number {
  return Math.ceil(aroundMs * (0.5 + Math.random()));
}

/** The refusal of what a node cannot take on at this moment; nothing was done. */
export function overload(message: string, aroundMs?: number): NatterError {
  return new NatterError('UNAVAILABLE', message, { retryAfterMs: spread(aroundMs) });
}
