import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EmbeddedPostgresError, hasCode } from './embedded-postgres-error.js';
import { runProgram } from './run-program.js';
import { waitUntil } from './wait-until.js';

/** Whether some process has this id; also true for one that has ended but was not yet collected by its parent. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/**
 * Whether this process is the main PostgreSQL process on this cluster, by its command line: process ids are reused,
 * and the one in a left-over `postmaster.pid` may now be anything.
 */
export async function isPostmasterOf(processId: number, cluster: string): Promise<boolean> {
  if (!isAlive(processId)) return false;
  if (process.platform === 'linux') {
    const [program = '', ...args] = await readArguments(processId);
    return basename(program) === 'postgres' && args[args.indexOf('-D') + 1] === cluster;
  }
  const { output } = await runProgram('/bin/ps', [
    '-ww',
    '-o',
    'command=',
    '-p',
    String(processId),
  ]);
  return output.includes(`postgres -D ${cluster} `);
}

/** Empty for a process that is gone, or a zombie. */
async function readArguments(processId: number): Promise<string[]> {
  try {
    const text = await readFile(`/proc/${processId}/cmdline`, 'utf8');
    return text.split('\0');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return [];
    throw error;
  }
}

/** In order: shut down cleanly without waiting for clients, then give up at once, then no more asking. */
const ENDINGS = [
  { signal: 'SIGINT', timeoutMs: 20_000 },
  { signal: 'SIGQUIT', timeoutMs: 8_000 },
  { signal: 'SIGKILL', timeoutMs: 5_000 },
] as const;

/**
 * Ends a PostgreSQL main process and waits until it is gone. Every step is safe for committed rows: the later ones only
 * make the next start replay its log.
 *
 * @param isGone asked repeatedly; it must not be fooled by a reused process id
 */
export async function endPostmaster(
  processId: number,
  isGone: () => boolean | Promise<boolean>,
): Promise<void> {
  for (const { signal, timeoutMs } of ENDINGS) {
    if (await isGone()) return;
    sendSignal(processId, signal);
    if (await waitUntil(isGone, { timeoutMs })) return;
  }
  throw new EmbeddedPostgresError(
    `unable to end the PostgreSQL process ${processId}; end it by hand (kill -9 ${processId}) and start again`,
  );
}

function sendSignal(processId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(processId, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return;
    throw new EmbeddedPostgresError(
      `unable to end the PostgreSQL process ${processId}, which belongs to another user; end it as that user`,
      { cause: error },
    );
  }
}
