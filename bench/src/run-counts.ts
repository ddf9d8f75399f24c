import type { RunCounts } from './generator/contract.js';

/** Adds up what was counted; of the refusals, the first is kept. */
export function sumOf(runs: readonly RunCounts[]): RunCounts {
  const total = { acknowledged: 0, delivered: 0, due: 0, otherEvents: 0, refused: 0, refusal: '' };
  for (const run of runs) {
    total.acknowledged += run.acknowledged;
    total.delivered += run.delivered;
    total.due += run.due;
    total.otherEvents += run.otherEvents;
    total.refused += run.refused;
    total.refusal ||= run.refusal;
  }
  return total;
}
