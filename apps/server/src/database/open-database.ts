import { sql } from 'kysely';
import type { PoolConfig } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { createPool, Database, HELD_LANES } from './database.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { migrateToLatest } from './migrate.js';

const MINIMUM_POSTGRES = 15;

interface Server {
  readonly connection: PoolConfig;
  readonly stop: () => Promise<void>;
}

async function server(config: Config, logger: Logger): Promise<Server> {
  if (config.databaseUrl !== undefined) {
    return { connection: { connectionString: config.databaseUrl }, stop: () => Promise.resolve() };
  }
  const embedded = await startEmbeddedPostgres({
    dataFolder: config.dataFolder,
    logger: {
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
  });
  return { connection: embedded.connection, stop: () => embedded.stop() };
}

async function refuseOldPostgres(database: Database): Promise<void> {
  const { rows } = await sql<{ version: number }>`
    select current_setting('server_version_num')::int / 10000 as version`.execute(database);
  const version = rows[0]?.version ?? 0;
  if (version < MINIMUM_POSTGRES) {
    throw new Error(
      `Unable to use PostgreSQL ${version}; Natter needs ${MINIMUM_POSTGRES} or newer`,
    );
  }
}

/**
 * Connects to the configured PostgreSQL, or starts the embedded one, and brings its schema to this version.
 *
 * @throws where the database cannot be reached, is too old, or has a schema newer than this code.
 */
export async function openDatabase(config: Config, logger: Logger): Promise<Database> {
  const { connection, stop } = await server(config, logger);
  const database = new Database(
    createPool(connection, config.databasePool, logger),
    createPool(connection, config.writers + HELD_LANES, logger),
    stop,
  );
  try {
    await refuseOldPostgres(database);
    await migrateToLatest(database, logger);
  } catch (error) {
    await database.onApplicationShutdown();
    throw error;
  }
  return database;
}
