import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ProcessPool, type PoolOptions } from './process-pool.js';

const MIB = 1024 * 1024;
const PROGRAM = `
process.on('message', ({ task, ...rest }) => {
  if (task === 'echo') process.send({ ...rest, pid: process.pid });
  if (task === 'environment') process.send(process.env);
  if (task === 'spin') for (;;);
  if (task === 'crash') process.abort();
  if (task === 'hold') process.send({ held: (globalThis.held = Buffer.alloc(rest.bytes, 1)).length });
  if (task === 'eat') globalThis.eaten = Buffer.alloc(rest.bytes, 1);
});
`;

let folder: string;
let program: string;
let pool: ProcessPool | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-pool-'));
  program = join(folder, 'program.mjs');
  await writeFile(program, PROGRAM);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

afterEach(() => pool?.stop());

function open(options: Partial<PoolOptions> = {}): ProcessPool {
  pool = new ProcessPool(program, {
    processes: 2,
    timeoutMs: 30_000,
    limits: { memoryBytes: 1024 * MIB },
    heapMib: 64,
    ...options,
  });
  return pool;
}

async function processId(asked: ProcessPool): Promise<number> {
  const answer = await asked.run({ task: 'echo' });
  if (typeof answer !== 'object' || !answer || !('pid' in answer)) throw new Error('no answer');
  return Number(answer.pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a pool of processes', () => {
  it('answers each job, by as many processes as it may have', async () => {
    const asked = open();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) => asked.run({ task: 'echo', number })),
    );
    expect(answers).toMatchObject(Array.from({ length: 20 }, (_, number) => ({ number })));
    const ids = new Set(await Promise.all(Array.from({ length: 20 }, () => processId(asked))));
    expect(ids.size).toBeLessThanOrEqual(2);
    expect([...ids].every(isRunning)).toBe(true);
  });

  it('gives its processes nothing of our environment', async () => {
    expect(await open().run({ task: 'environment' })).not.toHaveProperty('PATH');
  });

  it('gives up a job that does not end, and goes on', async () => {
    const asked = open({ processes: 1, timeoutMs: 3000 });
    const first = await processId(asked);
    await expect(asked.run({ task: 'spin' })).rejects.toMatchObject({ by: 'limit' });
    await expect.poll(() => isRunning(first)).toBe(false);
    expect(isRunning(await processId(asked))).toBe(true);
  });

  it.runIf(process.platform === 'linux')('gives up a job that eats memory', async () => {
    const asked = open({ processes: 1, limits: { memoryBytes: 300 * MIB } });
    await expect(asked.run({ task: 'eat', bytes: 600 * MIB })).rejects.toMatchObject({
      by: 'limit',
    });
    await expect(asked.run({ task: 'echo' })).resolves.toBeDefined();
  });

  it.runIf(process.platform === 'linux')('gives up a job that computes too much', async () => {
    const asked = open({ processes: 1, timeoutMs: 600_000 });
    const limits = { memoryBytes: 1024 * MIB, cpuMs: 1000 };
    await expect(asked.run({ task: 'spin' }, limits)).rejects.toMatchObject({ by: 'limit' });
    await expect(asked.run({ task: 'echo' }, limits)).resolves.toBeDefined();
  });

  it.runIf(process.platform === 'linux')('keeps no process that holds much', async () => {
    const asked = open({ processes: 1, limits: { memoryBytes: 300 * MIB } });
    const first = await processId(asked);
    expect(await processId(asked)).toBe(first);
    await asked.run({ task: 'hold', bytes: 300 * MIB }, { memoryBytes: 1024 * MIB });
    await expect.poll(() => isRunning(first)).toBe(false);
    expect(isRunning(await processId(asked))).toBe(true);
  });

  it('tells of a crash, and goes on', async () => {
    const asked = open({ processes: 1 });
    await expect(asked.run({ task: 'crash' })).rejects.toMatchObject({ by: 'crash' });
    await asked.run({ task: 'echo' });
    await expect(asked.run({ task: 'crash' })).rejects.toMatchObject({ by: 'crash' });
    await expect(asked.run({ task: 'echo' })).resolves.toBeDefined();
  });

  it('does a job by another process where the one at rest is gone', async () => {
    const asked = open({ processes: 1 });
    const first = await processId(asked);
    process.kill(first, 'SIGKILL');
    await expect(processId(asked)).resolves.not.toBe(first);
  });

  it('ends its processes when it stops, and what they were asked', async () => {
    const asked = open({ processes: 1 });
    const first = await processId(asked);
    const [underWay, waiting] = [asked.run({ task: 'spin' }), asked.run({ task: 'echo' })];
    const outcomes = Promise.allSettled([underWay, waiting]);
    asked.stop();
    await expect(outcomes).resolves.toMatchObject([
      { status: 'rejected', reason: { by: 'pool' } },
      { status: 'rejected', reason: { by: 'pool' } },
    ]);
    await expect.poll(() => isRunning(first)).toBe(false);
  });
});
