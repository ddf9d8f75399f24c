import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const CHECK_MS = 50;
const PAGE_BYTES = 4096;

/**
 * Calls once when a process holds more memory than it may. Where the system does not tell (it has no /proc), never.
 *
 * @param bytes Resident.
 * @returns Ends the watch.
 */
export function watchMemory(child: ChildProcess, bytes: number, exceeded: () => void): () => void {
  let isOver = false;
  const timer = setInterval(() => {
    void residentBytes(child).then((held) => {
      if (isOver || held <= bytes) return;
      isOver = true;
      exceeded();
    });
  }, CHECK_MS);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  try {
    const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
