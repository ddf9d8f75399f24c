import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sweep } from './sweep.js';

const FAILURE = 'unable to sweep; trying again';

/** A sweep of which each run lasts until it is told to end, with what it logged. */
function sweepOf() {
  const logged: unknown[] = [];
  const logger = pino(
    { base: null, timestamp: false },
    { write: (line) => logged.push(JSON.parse(line)) },
  );
  const runs: PromiseWithResolvers<void>[] = [];
  const sweep = new Sweep(logger, FAILURE, () => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const end = async (run: number) => {
    runs[run]?.resolve();
    await after(0);
  };
  return { sweep, runs, end, logged };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Sweep', () => {
  it('runs when the interval is over, and at once where it is to', async () => {
    const { sweep: later, runs: laterRuns } = sweepOf();
    const { sweep: atOnce, runs: atOnceRuns } = sweepOf();
    later.start(1000, 'later');
    atOnce.start(1000, 'atOnce');
    await after(999);
    expect([laterRuns.length, atOnceRuns.length]).toEqual([0, 1]);
    await after(1);
    expect(laterRuns).toHaveLength(1);
  });

  it('runs behind the run under way, once for all who asked meanwhile', async () => {
    const { sweep, runs, end } = sweepOf();
    sweep.start(1000, 'atOnce');
    await after(5000);
    sweep.request();
    expect(runs).toHaveLength(1);
    await end(0);
    expect(runs).toHaveLength(2);
    await end(1);
    expect(runs).toHaveLength(2);
    sweep.request();
    await after(0);
    expect(runs).toHaveLength(3);
  });

  it('runs after a delay, once for all who asked within it', async () => {
    const { sweep, runs, end } = sweepOf();
    sweep.requestIn(100);
    await after(99);
    sweep.requestIn(100);
    expect(runs).toHaveLength(0);
    await after(1);
    expect(runs).toHaveLength(1);
    // Asked while it runs: behind it.
    sweep.requestIn(100);
    await after(1000);
    expect(runs).toHaveLength(1);
    await end(0);
    expect(runs).toHaveLength(2);
  });

  it('warns of a run that failed, and runs again', async () => {
    const { sweep, runs, logged } = sweepOf();
    sweep.start(1000, 'atOnce');
    await after(0);
    runs[0]?.reject(new Error('no database'));
    await after(1000);
    expect(logged).toMatchObject([{ level: 40, msg: FAILURE }]);
    expect(runs).toHaveLength(2);
  });

  it('stops when the run under way has ended, and runs no more', async () => {
    const { sweep, runs, end } = sweepOf();
    sweep.start(1000, 'atOnce');
    await after(1000);
    sweep.requestIn(3000);
    let isStopped = false;
    void sweep.stop().then(() => (isStopped = true));
    await after(5000);
    expect([sweep.isStopping, isStopped]).toEqual([true, false]);
    await end(0);
    expect(isStopped).toBe(true);
    sweep.request();
    sweep.requestIn(1);
    await after(5000);
    expect(runs).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on in batches until one is short', async () => {
    const { sweep } = sweepOf();
    const found = [10, 10, 3, 10];
    expect(await sweep.inBatches(10, async () => found.shift() ?? 0)).toBe(23);
    expect(found).toEqual([10]);
  });

  it('goes on in batches until it stops', async () => {
    const { sweep } = sweepOf();
    let count = 0;
    const batch = async (size: number) => {
      count += 1;
      if (count === 2) await sweep.stop();
      return size;
    };
    expect(await sweep.inBatches(10, batch)).toBe(20);
    expect(await sweep.inBatches(10, batch)).toBe(0);
  });
});
