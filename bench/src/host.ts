import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { percentile } from './statistics.js';

/** The machine that the figures were made on. */
export interface Host {
  readonly node: string;
  readonly kernel: string;
  readonly cores: number;
  readonly model: string;
  /** Load average of the last minute at the start: what others do is in the figures, too. */
  readonly loadAtStart: number;
  readonly openFiles: number;
  /** The data folder is in RAM, so that a flush to disk costs nothing. */
  readonly dataInMemory: boolean;
}

/** How long the disk takes to make one page durable: no durable message can be faster. */
export interface DiskFlush {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const FLUSHES = 300;
const PAGE_BYTES = 8192;

const TMPFS = 0x01021994;

/** The most files that a Node process may have open: it raises its soft limit to the hard one by itself. */
function openFileLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const [soft] = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.slice(1) ?? [];
  return soft === undefined || soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
}

export async function describeHost(folder: string): Promise<Host> {
  const { type } = await statfs(folder);
  return {
    node: process.version,
    kernel: release(),
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    loadAtStart: loadavg()[0] ?? Number.NaN,
    openFiles: openFileLimit(),
    dataInMemory: type === TMPFS,
  };
}

/** Blocks for about a tenth of a second. */
export function measureFlush(folder: string): DiskFlush {
  const file = join(folder, 'flush-probe');
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const descriptor = openSync(file, 'w');
  const times: number[] = [];
  try {
    for (let flush = 0; flush < FLUSHES; flush += 1) {
      const startMs = performance.now();
      writeSync(descriptor, page, 0, PAGE_BYTES, flush * PAGE_BYTES);
      fdatasyncSync(descriptor);
      times.push(performance.now() - startMs);
    }
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}
