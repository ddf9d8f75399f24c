/** How long a writer waits for a stream that another transaction holds, before it answers `UNAVAILABLE`. */
export const LOCK_TIMEOUT_MS = 2000;
