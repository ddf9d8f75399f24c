import { setTimeout as delay } from 'node:timers/promises';
import type { ReplayOptions } from './options.js';

/** Resolves when a line written at `at` is due. */
export type Pace = (at: string) => Promise<void>;

/**
 * The pace of one room: at once, or as the lines followed each other, so many times faster. A room that falls behind
 * catches up without pause.
 *
 * @param firstAt When the room's first line was written; that line is due now.
 */
export function paceOf(speed: ReplayOptions['speed'], firstAt: string): Pace {
  if (speed === 'max') return () => Promise.resolve();
  const startedMs = performance.now();
  return async (at) => {
    const dueMs = startedMs + (Date.parse(at) - Date.parse(firstAt)) / speed;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
  };
}
