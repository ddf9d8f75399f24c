import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHECKER = fileURLToPath(new URL('../../replay/dist/check-main.js', import.meta.url));
const MOST_OUTPUT = 64 * 1024 * 1024;

/** What the checker said; `isWell` where it found nothing. */
export interface Judgement {
  readonly isWell: boolean;
  readonly report: string;
}

/** Lets the checker judge ledgers, in a process of its own: it knows what they hold, no more. */
export function judge(ledgers: string): Promise<Judgement> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CHECKER, '--ledgers', ledgers],
      { maxBuffer: MOST_OUTPUT },
      (error, stdout, stderr) => resolve({ isWell: error === null, report: stdout + stderr }),
    );
  });
}
