import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultLoad, judge, type LoadPlan } from '@natter/fault';
import { expect } from 'vitest';
import * as z from 'zod/mini';

/** A line of what a device received. */
const Received = z.object({ event: z.string(), monotonicMs: z.number() });

async function readArrivals(ledgers: string): Promise<number[][]> {
  const names = (await readdir(ledgers)).filter((name) => name.endsWith('.live.jsonl'));
  return Promise.all(
    names.map(async (name) => {
      const lines = (await readFile(join(ledgers, name), 'utf8')).split('\n').filter(Boolean);
      const received = lines.map((line) => Received.parse(JSON.parse(line)));
      return received.flatMap(({ event, monotonicMs }) =>
        event === 'newMessage' ? [monotonicMs] : [],
      );
    }),
  );
}

/** The lines of a report that must be nothing but zeros. */
const COUNTS = [2, 5] as const;

/** What a campaign did, and what a separate checker found of it. */
export interface Campaign {
  readonly acknowledged: number;
  readonly report: string;
  /** When each of the listening devices received messages, in milliseconds of `performance.now`. */
  readonly receivedAt: readonly (readonly number[])[];
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
  const receivedAt = await readArrivals(ledgers);
  await rm(ledgers, { recursive: true });
  return { acknowledged: load.acknowledged, report, receivedAt };
}
