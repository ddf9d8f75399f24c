import { vi } from 'vitest';
import { PATIENCE } from './stage.js';

/** A `fetch` that keeps the first answer of a path back until it is let go. */
export function heldFetch(path: string) {
  let [hasAnswer, isHeld] = [false, true];
  let letGo = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const held: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (isHeld && new URL(String(input)).pathname === path) {
      isHeld = false;
      hasAnswer = true;
      await released;
    }
    return response;
  };
  return { fetch: held, letGo, untilHeld: () => vi.waitUntil(() => hasAnswer, PATIENCE) };
}
