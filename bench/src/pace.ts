import { setTimeout as wait } from 'node:timers/promises';

const TICK_MS = 1;

/**
 * Acts at a fixed rate until `endMs`, whatever became of the acts before; what a late tick missed is done by the next.
 *
 * @param endMs as `performance.now()` counts
 * @param act Called with 0, 1, 2 and so on.
 */
export async function pace(
  ratePerSecond: number,
  endMs: number,
  act: (number: number) => void,
): Promise<void> {
  const startMs = performance.now();
  let done = 0;
  for (let nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
    const due = Math.floor(((nowMs - startMs) / 1000) * ratePerSecond);
    for (; done < due; done += 1) act(done);
    await wait(TICK_MS);
  }
}
