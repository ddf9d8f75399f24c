import { setTimeout as wait } from 'node:timers/promises';
import type { RunCounts } from './contract.js';
import type { Traffic } from './traffic.js';

const TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/**
 * Waits until everything sent is answered and has arrived at all who are to receive it.
 *
 * @throws where a connection was lost, or an answer is still missing after a minute. Missing deliveries are left to the
 *   counts.
 */
export async function drain(traffic: Traffic): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (traffic.busy && performance.now() < deadline && traffic.failure === undefined) {
    await wait(POLL_MS);
  }
  if (traffic.failure !== undefined) throw new Error(`A connection failed: ${traffic.failure}`);
  if (traffic.outstanding > 0) {
    throw new Error(`${traffic.outstanding} messages were not answered within ${TIMEOUT_MS} ms`);
  }
}

/** What was counted between two readings. */
export function since(before: RunCounts, after: RunCounts): RunCounts {
  return {
    acknowledged: after.acknowledged - before.acknowledged,
    delivered: after.delivered - before.delivered,
    due: after.due - before.due,
    otherEvents: after.otherEvents - before.otherEvents,
    refused: after.refused - before.refused,
    refusal: after.refusal,
  };
}
