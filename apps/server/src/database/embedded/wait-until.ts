import { setTimeout as delay } from 'node:timers/promises';

/** `true` as soon as `condition` holds; `false` when the time is up or `signal` aborts first. Never rejects by itself. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  {
    timeoutMs,
    everyMs = 25,
    signal,
  }: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (signal?.aborted) return false;
    if (await condition()) return true;
    if (performance.now() >= deadline) return false;
    await pause(everyMs, signal);
  }
}

/** Waits `ms`, or less when `signal` aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
