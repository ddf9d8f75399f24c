import { chown, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import { linkCluster, type ClusterHome } from './cluster-home.js';
import { SUPERUSER } from './connection.js';
import type { EmbeddedLogger } from './embedded-logger.js';
import { EmbeddedPostgresError, hasCode } from './embedded-postgres-error.js';
import { exists, flushFolder, giveTo } from './folders.js';
import { runProgram } from './run-program.js';

const INITDB_TIMEOUT_MS = 300_000;

/**
 * Makes the cluster if there is none, and otherwise checks that these binaries may open it. Its lock must be
 * held, and no PostgreSQL may run on the cluster.
 *
 * @param passwordFile the superuser's password for a new cluster; without it, nobody can log in over TCP
 */
export async function prepareCluster(
  home: ClusterHome,
  binaries: PostgresBinaries,
  passwordFile: string | undefined,
  logger: EmbeddedLogger,
): Promise<void> {
  await removeUnfinished(home);
  const madeBy = await readMajorVersion(home.cluster);
  if (madeBy === undefined) {
    await createCluster(home, binaries, passwordFile);
    logger.info(`made a new database in ${home.cluster}`);
  } else if (madeBy !== binaries.majorVersion) {
    throw new EmbeddedPostgresError(
      `unable to open the database in ${home.cluster}: PostgreSQL ${madeBy} made it, and this is ` +
        `${binaries.majorVersion}; dump it with the Natter that made it and restore it here, or use that Natter again`,
    );
  } else {
    await claimOwnership(home);
  }
  await linkCluster(home);
}

/** What a kill in the middle of {@link createCluster} left behind. */
async function removeUnfinished({ folder, cluster }: ClusterHome): Promise<void> {
  const prefix = basename(stagingPrefix(cluster));
  for (const entry of await readdir(folder)) {
    // Its initdb may still be writing for a moment, so one try may find the folder not empty.
    if (entry.startsWith(prefix)) {
      await rm(join(folder, entry), {
        recursive: true,
        force: true,
        maxRetries: 10,
        retryDelay: 100,
      });
    }
  }
}

/** `undefined` where there is nothing yet. */
async function readMajorVersion(cluster: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(cluster, 'PG_VERSION'), 'utf8');
    return text.trim();
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  if (!(await exists(cluster)) || (await readdir(cluster)).length === 0) return undefined;
  throw new EmbeddedPostgresError(
    `unable to use ${cluster}: it holds something, but not a database; move it away to begin with an empty one`,
  );
}

/** A kill at any moment leaves either no cluster or a complete one: it is made under another name. */
async function createCluster(
  { folder, cluster, account }: ClusterHome,
  binaries: PostgresBinaries,
  passwordFile: string | undefined,
): Promise<void> {
  const staging = await mkdtemp(stagingPrefix(cluster));
  if (account !== undefined) await chown(staging, account.uid, account.gid);
  const { succeeded, output } = await runProgram(
    binaries.initdb,
    [
      `--pgdata=${staging}`,
      `--username=${SUPERUSER}`,
      '--encoding=UTF8',
      // It knows letters beyond ASCII and still sorts the same on every system: indexes survive a move.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
      '--auth-local=trust',
      ...(passwordFile === undefined
        ? ['--auth-host=reject']
        : ['--auth-host=scram-sha-256', `--pwfile=${passwordFile}`]),
    ],
    { account, timeoutMs: INITDB_TIMEOUT_MS },
  );
  if (!succeeded) {
    await rm(staging, { recursive: true, force: true });
    throw new EmbeddedPostgresError(
      `unable to make a new database in ${cluster}; initdb says:\n${lastLines(output)}`,
    );
  }
  await rename(staging, cluster);
  await flushFolder(folder);
}

function stagingPrefix(cluster: string): string {
  return `${cluster}.new-`;
}

function lastLines(output: string): string {
  return output.split('\n').slice(-12).join('\n');
}

/** A cluster that root copied or restored is still root's, and PostgreSQL opens none that is not its own. */
async function claimOwnership({ cluster, account }: ClusterHome): Promise<void> {
  if (account === undefined) return;
  const { uid } = await stat(cluster);
  if (uid !== account.uid) await giveTo(account, cluster);
}
