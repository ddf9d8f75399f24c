import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const CHECK_MS = 50;
const PAGE_BYTES = 4096;
/** What Linux counts in for programs, whatever its own clock does. */
const TICK_MS = 10;
/** In /proc/<pid>/stat, counted from behind the name: the time in the program and that in the system for it. */
const TIME_FIELDS = [11, 12];

/** What a process may take for what it is asked. */
export interface ProcessLimits {
  /** Resident. */
  readonly memoryBytes: number;
  /** Of processors; time in which others had them does not count. */
  readonly cpuMs?: number;
}

/**
 * Calls once when a process takes more than it may. Where the system does not tell (it has no /proc), never.
 *
 * @returns Ends the watch.
 */
export function watchProcess(
  child: ChildProcess,
  { memoryBytes, cpuMs = Infinity }: ProcessLimits,
  exceeded: (what: 'much memory' | 'long') => void,
): () => void {
  let isOver = false;
  let cpuBefore: number | undefined;
  const check = async (): Promise<void> => {
    const [memory, cpu] = await Promise.all([residentBytes(child), usedCpuMs(child)]);
    cpuBefore ??= cpu;
    const isTooLong = cpu - cpuBefore > cpuMs;
    if (isOver || !(isTooLong || memory > memoryBytes)) return;
    isOver = true;
    exceeded(isTooLong ? 'long' : 'much memory');
  };
  void check();
  const timer = setInterval(() => void check(), CHECK_MS);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

/** What a process holds of memory; 0 where it is gone, or the system does not tell. */
export async function residentBytes({ pid }: Pick<ChildProcess, 'pid'>): Promise<number> {
  try {
    const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

async function usedCpuMs({ pid }: ChildProcess): Promise<number> {
  try {
    const behindName = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1) ?? '';
    const fields = behindName.split(' ');
    return TIME_FIELDS.reduce((sum, field) => sum + Number(fields[field]), 0) * TICK_MS;
  } catch {
    return 0;
  }
}
