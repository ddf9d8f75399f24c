import 'reflect-metadata';
import type { Logger } from 'pino';
import { ConfigurationError, readConfig } from './config/config.js';
import { readEnvironment } from './config/environment.js';
import { LOGGER } from './logging/logger.js';
import { startNatter } from './start-natter.js';

async function main(): Promise<void> {
  const natter = await startNatter(readConfig(readEnvironment()));
  const logger = natter.application.get<Logger>(LOGGER);
  logger.info(`Natter answers at ${natter.url}; its API is described at ${natter.url}/docs`);

  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      logger.info(`stopping on ${signal}`);
      natter.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.fatal({ error }, 'unable to stop cleanly');
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: unknown) => {
  // Before there is a logger, and for people: what is wrong and how to mend it.
  process.stderr.write(
    `${error instanceof ConfigurationError ? error.message : `Unable to start: ${String(error)}`}\n`,
  );
  process.exit(1);
});
