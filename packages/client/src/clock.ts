/** Time as this package sees it, so that tests can turn it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs something later, once. @returns what ends that. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves later; at once where `signal` is aborted. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', end);
      resolve();
    });
    const end = (): void => {
      cancel();
      resolve();
    };
    signal?.addEventListener('abort', end, { once: true });
  });
}

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** How long to wait before the next attempt: doubling, with half of it left to chance, so that clients spread out. */
export function backoffMs({ firstMs, longestMs }: Backoff, attempt: number): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 20));
  return whole / 2 + Math.random() * (whole / 2);
}
