import { numbersBelow } from '../concurrency.js';
import { cpuSecondsOf, cpuSecondsOfFamily } from '../processes/proc.js';
import { percentile } from '../statistics.js';
import type { ReadFigures, Watched } from './contract.js';

/** What came of one read; without `wrongAnswer` it was right. */
export interface ReadOutcome {
  readonly ms: number;
  readonly bytes: number;
  readonly wrongAnswer?: string | undefined;
}

export interface ReadLoop extends Watched {
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

function cpuSeconds({ serverId, databaseId }: Watched) {
  return {
    server: cpuSecondsOf(serverId),
    database: databaseId === undefined ? 0 : cpuSecondsOfFamily(databaseId),
  };
}

/**
 * Reads with so many at once, and measures what begins after the warm-up.
 *
 * @param read Called with 0, 1, 2 and so on.
 */
export async function runReadLoop(
  loop: ReadLoop,
  read: (number: number) => Promise<ReadOutcome>,
): Promise<ReadFigures> {
  let number = 0;
  const readUntil = async (endMs: number, outcomes: ReadOutcome[]): Promise<void> => {
    await Promise.all(
      numbersBelow(loop.concurrency).map(async () => {
        while (performance.now() < endMs) {
          outcomes.push(await read(number++));
        }
      }),
    );
  };
  await readUntil(performance.now() + loop.warmUpMs, []);
  const before = cpuSeconds(loop);
  const startMs = performance.now();
  const outcomes: ReadOutcome[] = [];
  await readUntil(startMs + loop.measureMs, outcomes);
  const seconds = (performance.now() - startMs) / 1000;
  const after = cpuSeconds(loop);
  const times = outcomes.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const wrong = outcomes.flatMap(({ wrongAnswer }) => wrongAnswer ?? []);
  return {
    answers: outcomes.length,
    wrong: wrong.length,
    wrongAnswer: wrong[0] ?? '',
    seconds,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: times.at(-1) ?? Number.NaN,
    bytes: outcomes.reduce((sum, { bytes }) => sum + bytes, 0),
    serverCpuSeconds: after.server - before.server,
    databaseCpuSeconds: after.database - before.database,
  };
}
