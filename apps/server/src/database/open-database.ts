import { Kysely, PostgresDialect, sql } from 'kysely';
import type { PoolConfig } from 'pg';
import type { Logger } from 'pino';
import type { Config, DatabasePatience } from '../config/config.js';
import { startDatabaseServer } from './database-server.js';
import { createPool, Database, HELD_LANES } from './database.js';
import type { Tables } from './schema.js';
import { migrateToLatest } from './migrate.js';

const MINIMUM_POSTGRES = 15;
const MIGRATING_CONNECTIONS = 2;

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

/** On connections of its own, because it may take longer than any query of a node is given. */
async function migrate(
  connection: PoolConfig,
  logger: Logger,
  { connectionMs }: DatabasePatience,
): Promise<void> {
  const pool = createPool(connection, MIGRATING_CONNECTIONS, logger, connectionMs);
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrateToLatest(database, logger);
  } finally {
    await database.destroy();
  }
}

/**
 * Connects to the configured PostgreSQL, or starts the embedded one, and brings its schema to this version.
 *
 * @throws where the database cannot be reached, is too old, or has a schema newer than this code.
 */
export async function openDatabase(config: Config, logger: Logger): Promise<Database> {
  const { databasePool, databasePatience: patience, writers } = config;
  const server = await startDatabaseServer(config, logger);
  const connection = { connectionString: server.url };
  const database = new Database(
    createPool(connection, databasePool, logger, patience.connectionMs),
    createPool(connection, writers + HELD_LANES, logger, patience.connectionMs),
    patience.queryMs,
    () => server.stop(),
  );
  try {
    await refuseOldPostgres(database);
    await migrate(connection, logger, patience);
  } catch (error) {
    await database.onApplicationShutdown();
    throw error;
  }
  return database;
}
