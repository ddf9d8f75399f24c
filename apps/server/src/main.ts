import 'reflect-metadata';
import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { type Config, ConfigurationError, readConfig } from './config/config.js';
import { readEnvironment } from './config/environment.js';
import { createLogger, LOGGER } from './logging/logger.js';
import { startNatter } from './start-natter.js';
import { Primary } from './workers/primary.js';
import { takeSeat } from './workers/take-seat.js';

/** For the embedded database, once the last worker has ended. */
const DATABASE_STOP_MS = 5000;

interface Running {
  readonly logger: Logger;
  stop(): Promise<void>;
}

let running: Running | undefined;
/** How long a stop may take, in milliseconds. */
let patienceMs = 0;
let stopping = false;

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return;
  stopping = true;
  const logger = running?.logger;
  logger?.info(`stopping on ${signal}`);
  const deadline = setTimeout(() => {
    logger?.fatal('unable to stop in time; it ends, and what was acknowledged is stored');
    process.exit(1);
  }, patienceMs);
  deadline.unref();
  try {
    // While it is still starting there is nobody to say goodbye to; the embedded database ends with the process.
    await running?.stop();
    process.exit(0);
  } catch (error) {
    logger?.fatal({ error }, 'unable to stop cleanly');
    process.exit(1);
  }
}

/** All of the server, or one worker of several. */
async function runNode(config: Config): Promise<Running> {
  patienceMs = config.drainMs;
  const seat = cluster.isWorker ? await takeSeat() : undefined;
  const natter = await startNatter(config, seat);
  const logger = natter.application.get<Logger>(LOGGER);
  if (!seat) announce(logger, natter.url);
  return { logger, stop: () => natter.stop() };
}

async function runPrimary(config: Config): Promise<Running> {
  patienceMs = config.drainMs + DATABASE_STOP_MS;
  const logger = createLogger(config);
  const primary = await Primary.start(config, logger);
  announce(logger, `http://localhost:${primary.port}`);
  return { logger, stop: () => primary.stop() };
}

function announce(logger: Logger, url: string): void {
  logger.info(`Natter answers at ${url}; its API is described at ${url}/docs`);
}

async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  const config = readConfig(readEnvironment());
  const hasWorkers = config.workers > 1 && cluster.isPrimary;
  running = await (hasWorkers ? runPrimary(config) : runNode(config));
}

main().catch((error: unknown) => {
  // Before there is a logger, and for people: what is wrong and how to mend it.
  process.stderr.write(
    `${error instanceof ConfigurationError ? error.message : `Unable to start: ${String(error)}`}\n`,
  );
  process.exit(1);
});
