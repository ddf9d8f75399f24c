import { readFile, rm, writeFile } from 'node:fs/promises';
import { EmbeddedPostgresError, messageOf } from './embedded-postgres-error.js';
import { isAlive } from './processes.js';
import { waitUntil } from './wait-until.js';

export interface ClusterLock {
  release(): Promise<void>;
}

const SQLITE_BUSY = 5;
const HOLDER_NAMED_WITHIN_MS = 2_000;

/**
 * Takes the only right to run a database on `cluster`, or refuses when a live process holds it.
 *
 * Node has no call for file locks, but its SQLite takes a real one. The kernel drops it with its owner, also after
 * `kill -9`, so there is no stale lock to judge, no reused process id to be fooled by, and containers that share a
 * volume see each other. The file stays empty. Nothing else in this process may open it: closing any other
 * descriptor of the same file drops a POSIX lock.
 *
 * @param dataFolder by which the operator knows the cluster
 */
export async function lockCluster(cluster: string, dataFolder: string): Promise<ClusterLock> {
  const holderPath = `${cluster}.holder`;
  const unlock = await takeLock(`${cluster}.lock`);
  if (unlock === undefined) {
    const holder = await readHolder(holderPath);
    throw new EmbeddedPostgresError(
      `unable to start the embedded PostgreSQL: the data folder ${dataFolder} is in use by another Natter server ` +
        `(process ${holder}); stop that one first, choose another NATTER_DATA, or let both share a PostgreSQL ` +
        'through DATABASE_URL',
    );
  }
  try {
    await writeFile(holderPath, `${process.pid}\n`);
  } catch (error) {
    unlock();
    throw error;
  }
  return {
    async release() {
      await rm(holderPath, { force: true });
      unlock();
    },
  };
}

async function takeLock(path: string): Promise<(() => void) | undefined> {
  // Not a static import: servers on an external database need not have this module.
  const { DatabaseSync } = await import('node:sqlite');
  try {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      throw error;
    }
    return () => database.close();
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw new EmbeddedPostgresError(
      `unable to lock ${path} (${messageOf(error)}); let the user that runs Natter write there`,
      { cause: error },
    );
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

/** The holder writes its name just after it got the lock, so a dead process's name may stand there for a moment. */
async function readHolder(path: string): Promise<string> {
  let holder = 'unknown';
  await waitUntil(
    async () => {
      const text = await readFile(path, 'utf8').catch(() => '');
      const processId = Number.parseInt(text, 10);
      if (!Number.isInteger(processId)) return false;
      holder = String(processId);
      return isAlive(processId);
    },
    { timeoutMs: HOLDER_NAMED_WITHIN_MS },
  );
  return holder;
}
