import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedLogger } from './embedded-logger.js';
import { hasCode } from './embedded-postgres-error.js';
import { endPostmaster, isAlive, isPostmasterOf } from './processes.js';

/**
 * Ends the PostgreSQL that a killed server left running on this cluster, and returns when it is gone. Only the holder
 * of the cluster's lock may call it: to anyone else that PostgreSQL may be the database of a healthy server.
 */
export async function endLeftOver(cluster: string, logger: EmbeddedLogger): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const processId = await readProcessId(pidFile);
  if (processId === undefined) return;

  if (await isPostmasterOf(processId, cluster)) {
    logger.warn(`ending PostgreSQL process ${processId}, left over from a server that was killed`);
    await endPostmaster(processId, async () => !(await isPostmasterOf(processId, cluster)));
  }
  // PostgreSQL would take the unrelated process that now has this id for its predecessor, and refuse to start. Without
  // the file it still finds living backends, by the shared memory that belongs to the folder.
  if (isAlive(processId)) await rm(pidFile, { force: true });
}

async function readProcessId(pidFile: string): Promise<number | undefined> {
  try {
    const processId = Number.parseInt(await readFile(pidFile, 'utf8'), 10);
    return processId > 0 ? processId : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
