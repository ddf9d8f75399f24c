import { Client } from 'pg';
import type { Endpoint } from './endpoint.js';

export const SUPERUSER = 'natter';
export const DATABASE = 'natter';

/** Exists in every cluster. */
const MAINTENANCE_DATABASE = 'postgres';
const CONNECT_TIMEOUT_MS = 5_000;

/** Ready for the constructors of `pg`. */
export interface EmbeddedConnection {
  /** A folder with a socket, or an address. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}

export function connectionTo(
  { host, port, credentials }: Endpoint,
  database = DATABASE,
): EmbeddedConnection {
  return { host, port, user: SUPERUSER, password: credentials?.password, database };
}

/** `true` when queries are answered, which is later than when connections are accepted. */
export async function answers(endpoint: Endpoint): Promise<boolean> {
  try {
    await withClient(endpoint, (client) => client.query('SELECT 1'));
    return true;
  } catch {
    return false;
  }
}

export async function ensureDatabase(endpoint: Endpoint): Promise<void> {
  await withClient(endpoint, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
  });
}

async function withClient<Result>(
  endpoint: Endpoint,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({
    ...connectionTo(endpoint, MAINTENANCE_DATABASE),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // Without a listener, a connection that breaks while idle would end our process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}
