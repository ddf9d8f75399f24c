import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { HELD_LANES } from './database.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';

/** Connections of the embedded PostgreSQL beside those of our pools: for backups, and for who looks into it. */
const SPARE_CONNECTIONS = 20;
const FEWEST_CONNECTIONS = 100;

export interface DatabaseServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The configured PostgreSQL, which runs already, or else the embedded one, which is started. */
export async function startDatabaseServer(config: Config, logger: Logger): Promise<DatabaseServer> {
  const { databaseUrl, dataFolder, workers, databasePool, writers } = config;
  if (databaseUrl !== undefined) return { url: databaseUrl, stop: () => Promise.resolve() };
  const connections = workers * (databasePool + writers + HELD_LANES) + SPARE_CONNECTIONS;
  const embedded = await startEmbeddedPostgres({
    dataFolder,
    logger: {
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
    settings: { max_connections: String(Math.max(FEWEST_CONNECTIONS, connections)) },
  });
  const { user, password, host, port, database } = embedded.connection;
  const login = [user, ...(password === undefined ? [] : [password])].map(encodeURIComponent);
  const address = new URLSearchParams({ host, port: String(port) });
  return {
    url: `postgres://${login.join(':')}@localhost/${database}?${address.toString()}`,
    stop: () => embedded.stop(),
  };
}
