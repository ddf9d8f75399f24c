import { findBinaries } from './binaries.js';
import { prepareCluster } from './cluster.js';
import { locateCluster } from './cluster-home.js';
import { lockCluster } from './cluster-lock.js';
import { ensureDatabase } from './connection.js';
import type { EmbeddedLogger } from './embedded-logger.js';
import type { Endpoint } from './endpoint.js';
import { endLeftOver } from './left-over.js';
import { thisMachine, type Machine } from './machine.js';
import { openEndpoint } from './open-endpoint.js';
import { launchPostmaster, type Postmaster } from './postmaster.js';
import { type EmbeddedPostgres, Supervisor } from './supervisor.js';

export type { EmbeddedPostgres } from './supervisor.js';

export interface EmbeddedPostgresOptions {
  /** PostgreSQL's files live in its folder `postgres`. Absolute, or relative to the working folder. */
  readonly dataFolder: string;
  readonly logger: EmbeddedLogger;
  /** PostgreSQL settings that replace ours, such as `{ fsync: 'off' }` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts a PostgreSQL for this process alone and returns when the database `natter` answers. A PostgreSQL left over from
 * a killed server is ended first; a data folder that a living server uses is refused.
 *
 * The caller must call {@link EmbeddedPostgres.stop} before it exits. After a plain exit PostgreSQL shuts down alone;
 * after `kill -9` it runs on until the next start.
 *
 * @throws EmbeddedPostgresError with a message for the operator
 */
export async function startEmbeddedPostgres(
  { dataFolder, logger, settings = {} }: EmbeddedPostgresOptions,
  machine: Machine = thisMachine,
): Promise<EmbeddedPostgres> {
  const home = await locateCluster(dataFolder, machine.sharedFolder, logger);
  const binaries = await findBinaries(home.account, machine.sharedFolder, logger);
  const lock = await lockCluster(home.cluster, home.dataFolder);
  let endpoint: Endpoint | undefined;
  let postmaster: Postmaster | undefined;
  try {
    await endLeftOver(home.cluster, logger);
    endpoint = await openEndpoint(machine.transport, home);
    await prepareCluster(home, binaries, endpoint.credentials?.file, logger);
    const plan = { home, binaries, endpoint, settings, logger };
    postmaster = await launchPostmaster(plan, new AbortController().signal);
    await ensureDatabase(endpoint);
    const user = home.account === undefined ? '' : ` as user "${home.account.name}"`;
    logger.info(
      `PostgreSQL ${binaries.version} runs${user} (process ${postmaster.processId}) on ${home.cluster}`,
    );
    return new Supervisor(plan, postmaster, lock);
  } catch (error) {
    await postmaster?.end();
    await endpoint?.remove();
    await lock.release();
    throw error;
  }
}
