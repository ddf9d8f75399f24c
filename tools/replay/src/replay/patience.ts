import { setTimeout as delay } from 'node:timers/promises';
import { ChatError, type Readable } from '@natter/client';

/** How long something is waited for before the replay gives it up: a server may be restarted under it. */
export const PATIENCE_MS = 120_000;
const PAUSE_MS = 500;

/** Does what the SDK does not try again by itself, until it is done or refused for good. */
export async function persist<T>(act: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const mayPass = error instanceof ChatError && error.retryable;
      if (!mayPass || performance.now() > giveUpAt) throw error;
      await delay(error.retryAfterMs ?? PAUSE_MS);
    }
  }
}

/** Resolves with whether a value came to be as wanted, after waiting for it no longer than `waitMs`. */
export async function whenever<T>(
  value: Readable<T>,
  isWanted: (snapshot: T) => boolean,
  waitMs = PATIENCE_MS,
): Promise<boolean> {
  if (isWanted(value.getSnapshot())) return true;
  return new Promise((resolve) => {
    const settle = (isThere: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(isThere);
    };
    const timer = setTimeout(() => settle(false), waitMs);
    const stop = value.subscribe(() => {
      if (isWanted(value.getSnapshot())) settle(true);
    });
  });
}
