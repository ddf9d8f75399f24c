import 'reflect-metadata';
import type { Logger } from 'pino';
import { ConfigurationError, readConfig } from './config/config.js';
import { readEnvironment } from './config/environment.js';
import { LOGGER } from './logging/logger.js';
import { type RunningNatter, startNatter } from './start-natter.js';

let natter: RunningNatter | undefined;
/** How long a stop may take, in milliseconds. */
let patienceMs = 0;
let stopping = false;

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return;
  stopping = true;
  const logger = natter?.application.get<Logger>(LOGGER);
  logger?.info(`stopping on ${signal}`);
  const deadline = setTimeout(() => {
    logger?.fatal('unable to stop in time; it ends, and what was acknowledged is stored');
    process.exit(1);
  }, patienceMs);
  deadline.unref();
  try {
    // While it is still starting there is nobody to say goodbye to; the embedded database ends with the process.
    await natter?.stop();
    process.exit(0);
  } catch (error) {
    logger?.fatal({ error }, 'unable to stop cleanly');
    process.exit(1);
  }
}

async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  const config = readConfig(readEnvironment());
  patienceMs = config.drainMs;
  natter = await startNatter(config);
  natter.application
    .get<Logger>(LOGGER)
    .info(`Natter answers at ${natter.url}; its API is described at ${natter.url}/docs`);
}

main().catch((error: unknown) => {
  // Before there is a logger, and for people: what is wrong and how to mend it.
  process.stderr.write(
    `${error instanceof ConfigurationError ? error.message : `Unable to start: ${String(error)}`}\n`,
  );
  process.exit(1);
});
