import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EmbeddedLogger } from './embedded-logger.js';
import { EmbeddedPostgresError, hasCode, messageOf } from './embedded-postgres-error.js';
import { exists, makeEnterable } from './folders.js';
import {
  accountOf,
  canUse,
  chooseAccount,
  ensureCanBecome,
  runsAsRoot,
  type SystemAccount,
} from './system-account.js';

/** Where a data folder's cluster (PostgreSQL's word for its files) is, and who runs it. All paths are real and absolute. */
export interface ClusterHome {
  readonly dataFolder: string;
  /** Holds the cluster and what belongs to it: its lock, and a cluster in the making. Usually the data folder. */
  readonly folder: string;
  /** Usually `<folder>/postgres`; it may not exist yet. */
  readonly cluster: string;
  /** The user that PostgreSQL must run as; `undefined` for our own. */
  readonly account: SystemAccount | undefined;
}

/**
 * Finds the cluster of a data folder, or the place for a new one. That is `<dataFolder>/postgres`, or, where root's
 * PostgreSQL account cannot get there, a folder below `sharedFolder` that {@link linkCluster} makes known in the data
 * folder, so that later starts find the same one.
 */
export async function locateCluster(
  dataFolder: string,
  sharedFolder: string,
  logger: EmbeddedLogger,
): Promise<ClusterHome> {
  const root = await makeDataFolder(dataFolder);
  const existing = await resolveExisting(join(root, 'postgres'));
  if (existing !== undefined) {
    const account = await accountForExisting(existing);
    return { dataFolder: root, folder: dirname(existing), cluster: existing, account };
  }
  if (!runsAsRoot()) {
    return { dataFolder: root, folder: root, cluster: join(root, 'postgres'), account: undefined };
  }

  const account = await chooseAccount();
  await ensureCanBecome(account);
  if (await canUse(account, root, 'enter')) {
    return { dataFolder: root, folder: root, cluster: join(root, 'postgres'), account };
  }
  const folder = await relocate(root, sharedFolder);
  const cluster = join(folder, 'postgres');
  logger.info(
    `user "${account.name}" cannot reach ${root}: PostgreSQL's data is in ${folder} instead`,
  );
  if (await exists(cluster)) {
    logger.warn(
      `${folder} holds a database from an earlier use of this data folder; remove it to begin with an empty one`,
    );
  }
  return { dataFolder: root, folder, cluster, account };
}

/** Leaves a link in the data folder to a cluster that is elsewhere. */
export async function linkCluster({ dataFolder, cluster }: ClusterHome): Promise<void> {
  const entry = join(dataFolder, 'postgres');
  if (entry === cluster) return;
  try {
    await symlink(cluster, entry);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

async function makeDataFolder(dataFolder: string): Promise<string> {
  try {
    if (runsAsRoot()) await makeEnterable(dataFolder);
    else await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    return await realpath(dataFolder);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `unable to use the data folder ${dataFolder} (${messageOf(error)}); let this user write there, or change ` +
        'NATTER_DATA',
      { cause: error },
    );
  }
}

async function resolveExisting(entry: string): Promise<string | undefined> {
  try {
    await lstat(entry);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  if (await exists(entry)) return realpath(entry);
  throw new EmbeddedPostgresError(
    `unable to open the database: ${entry} is a link to a folder that is gone; bring that folder back, or remove the ` +
      'link to begin with an empty database',
  );
}

async function accountForExisting(cluster: string): Promise<SystemAccount | undefined> {
  const owner = await stat(cluster);
  if (process.getuid === undefined) return undefined;
  if (!runsAsRoot()) {
    if (owner.uid === process.getuid()) return undefined;
    const { name } = await accountOf(owner);
    throw new EmbeddedPostgresError(
      `unable to open the database in ${cluster}: it belongs to user "${name}"; run Natter as that user, or as root, or ` +
        `hand it over (chown -R ${process.getuid()} "${cluster}")`,
    );
  }
  const account = owner.uid === 0 ? await chooseAccount() : await accountOf(owner);
  await ensureCanBecome(account);
  if (await canUse(account, dirname(cluster), 'enter')) return account;
  throw new EmbeddedPostgresError(
    `unable to open the database in ${cluster} as user "${account.name}", since PostgreSQL refuses to run as root and ` +
      'that user may not enter one of the folders above; allow it (chmod o+x), or move the data folder',
  );
}

async function relocate(dataFolder: string, sharedFolder: string): Promise<string> {
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12);
  const folder = join(sharedFolder, name);
  await makeEnterable(sharedFolder);
  await makeEnterable(folder);
  return realpath(folder);
}
