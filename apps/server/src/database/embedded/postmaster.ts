import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { parse } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import type { ClusterHome } from './cluster-home.js';
import { answers } from './connection.js';
import type { EmbeddedLogger } from './embedded-logger.js';
import { EmbeddedPostgresError, messageOf } from './embedded-postgres-error.js';
import type { Endpoint } from './endpoint.js';
import { endLeftOver } from './left-over.js';
import { endPostmaster } from './processes.js';
import { identityOf, programEnvironment } from './run-program.js';
import { openServerLog, type ServerLog } from './server-log.js';
import { postgresArguments } from './settings.js';
import { pause, waitUntil } from './wait-until.js';

/** A running PostgreSQL, our child process. */
export interface Postmaster {
  readonly processId: number;
  /** Fulfilled with the manner of its end, expected or not. */
  readonly ended: Promise<string>;
  /** Shuts it down within a bounded time, and returns when it is gone. */
  end(): Promise<void>;
}

/** All that one cluster needs to be started, and started again. */
export interface LaunchPlan {
  readonly home: ClusterHome;
  readonly binaries: PostgresBinaries;
  readonly endpoint: Endpoint;
  readonly settings: Readonly<Record<string, string>>;
  readonly logger: EmbeddedLogger;
}

const LINGERING_TIMEOUT_MS = 30_000;
const RETRY_EVERY_MS = 200;
const USUALLY_READY_AFTER_MS = 5_000;
/** Replaying the log of up to `max_wal_size` after a crash takes this long only on a very slow disk. */
const READY_TIMEOUT_MS = 300_000;

/** After a kill, PostgreSQL's other processes notice the loss only when they finish what they are doing. */
const LINGERING =
  /pre-existing shared memory block|lock file ".*" already exists|Address already in use/;

/**
 * Starts PostgreSQL on the cluster and returns when it answers queries. It first ends one that was left over, and waits
 * for its last processes up to 30 s.
 *
 * @param signal gives up early; the promise then rejects
 */
export async function launchPostmaster(plan: LaunchPlan, signal: AbortSignal): Promise<Postmaster> {
  const deadline = performance.now() + LINGERING_TIMEOUT_MS;
  let warned = false;
  for (;;) {
    await endLeftOver(plan.home.cluster, plan.logger);
    await plan.endpoint.clear();
    const failure = await startOnce(plan, signal);
    if (typeof failure !== 'string') return failure;
    const lingering = LINGERING.test(failure);
    if (!lingering || signal.aborted || performance.now() > deadline) {
      throw new EmbeddedPostgresError(
        `unable to start PostgreSQL on ${plan.home.cluster}: ${failure}`,
      );
    }
    if (!warned) plan.logger.warn('waiting for the last processes of a PostgreSQL that was killed');
    warned = true;
    await pause(RETRY_EVERY_MS, signal);
  }
}

/** One try: the running PostgreSQL, or why it did not come up. */
async function startOnce(plan: LaunchPlan, signal: AbortSignal): Promise<Postmaster | string> {
  const log = await openServerLog(plan.home.dataFolder);
  try {
    const postmaster = await spawnPostmaster(plan, log);
    const over = new AbortController();
    const ended = postmaster.ended.then((how) => {
      over.abort();
      return how;
    });
    if (await isReady(plan, AbortSignal.any([signal, over.signal]))) return postmaster;
    const reason = over.signal.aborted ? `it ${await ended}` : 'it does not answer';
    await postmaster.end();
    return `${reason}; its log says:\n${await log.tail()}`;
  } finally {
    await log.close();
  }
}

async function isReady(
  { endpoint, home, logger }: LaunchPlan,
  signal: AbortSignal,
): Promise<boolean> {
  const ready = (): Promise<boolean> => answers(endpoint);
  if (await waitUntil(ready, { timeoutMs: USUALLY_READY_AFTER_MS, signal })) return true;
  if (!signal.aborted)
    logger.info(`PostgreSQL is still recovering from a crash; see ${home.dataFolder}/postgres.log`);
  return waitUntil(ready, { timeoutMs: READY_TIMEOUT_MS, signal });
}

async function spawnPostmaster(
  { home, binaries, endpoint, settings }: LaunchPlan,
  log: ServerLog,
): Promise<Postmaster> {
  const child = spawn(
    binaries.postgres,
    postgresArguments(home.cluster, settings, endpoint.settings),
    {
      cwd: parse(home.cluster).root,
      env: programEnvironment,
      stdio: ['ignore', log.descriptor, log.descriptor],
      // A session of its own: a signal to our process group must reach us first, who still need the database to stop.
      detached: true,
      ...identityOf(home.account),
    },
  );
  const processId = await processIdOf(child);
  return superviseChild(child, processId);
}

async function processIdOf(child: ChildProcess): Promise<number> {
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new EmbeddedPostgresError(`unable to start PostgreSQL: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (child.pid === undefined) throw new TypeError('a spawned process has an id');
  return child.pid;
}

function superviseChild(child: ChildProcess, processId: number): Postmaster {
  let running = true;
  // Our process may leave without stop(), by an uncaught error or process.exit(): PostgreSQL then follows by itself.
  const endWithUs = (): void => {
    child.kill('SIGINT');
  };
  process.once('exit', endWithUs);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      process.off('exit', endWithUs);
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
    });
  });
  return { processId, ended, end: () => endPostmaster(processId, () => !running) };
}
