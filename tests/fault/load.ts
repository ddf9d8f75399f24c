import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultLoad, judge, type LoadPlan } from '@natter/fault';
import { expect } from 'vitest';

/** The lines of a report that must be nothing but zeros. */
const COUNTS = [2, 5] as const;

/** What a campaign did, and what a separate checker found of it. */
export interface Campaign {
  readonly acknowledged: number;
  readonly report: string;
}

/** A load whose clients talk while `disturb` breaks things. */
export interface RunningLoad {
  /** Waits until that many more messages were acknowledged. */
  untilMore(messages: number): Promise<void>;
}

/**
 * Lets people talk while things are broken, and has a checker of its own process judge their ledgers, which stay where
 * anything is wrong.
 *
 * @throws where anything was lost, duplicated, reordered, altered, or is there and was never sent.
 */
export async function underLoad(
  plan: Omit<LoadPlan, 'ledgers' | 'warn' | 'urls'> & { readonly urls?: readonly string[] },
  disturb: (load: RunningLoad) => Promise<void>,
): Promise<Campaign> {
  const warnings: string[] = [];
  const ledgers = await mkdtemp(join(tmpdir(), 'natter-ledgers-'));
  const load = await FaultLoad.start({
    urls: [plan.url],
    ...plan,
    ledgers,
    warn: (warning) => warnings.push(warning),
  });
  try {
    await disturb({
      untilMore: async (messages) => {
        const goal = load.acknowledged + messages;
        await expect
          .poll(() => load.acknowledged, { timeout: 120_000, interval: 5 })
          .toBeGreaterThanOrEqual(goal);
      },
    });
  } finally {
    await load.stop();
  }
  const { isWell, report } = await judge(ledgers);
  // What is wrong comes first: a runner may show no more than a line.
  const counts = report
    .split('\n')
    .slice(...COUNTS)
    .join(', ');
  const message = [counts, report, ...warnings, `ledgers in ${ledgers}`].join('\n');
  expect(isWell, message).toBe(true);
  await rm(ledgers, { recursive: true });
  return { acknowledged: load.acknowledged, report };
}
