import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ClusterHome } from './cluster-home.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { Credentials, Endpoint } from './endpoint.js';
import { exists } from './folders.js';

const HOST = '127.0.0.1';

/** Every user of the computer can connect there, so it takes a password, kept in a private file beside the cluster. */
export async function openLoopback(home: ClusterHome): Promise<Endpoint> {
  const credentials = await loadCredentials(home);
  const port = await findFreePort();
  return {
    host: HOST,
    port,
    credentials,
    settings: { listen_addresses: HOST, port: String(port), unix_socket_directories: '' },
    async clear() {},
    async remove() {},
  };
}

async function loadCredentials({ cluster, account }: ClusterHome): Promise<Credentials> {
  const file = `${cluster}.password`;
  if (await exists(file)) return { file, password: (await readFile(file, 'utf8')).trim() };
  if (await exists(cluster)) {
    throw new EmbeddedPostgresError(
      `unable to log in to the database in ${cluster}: ${file} is gone; bring back the file that was made with the database`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600, flush: true });
  // PostgreSQL reads it once, when the cluster is made.
  if (account !== undefined) await chown(file, account.uid, account.gid);
  return { file, password };
}

/** Somebody may take it before PostgreSQL does; the start then fails and says so. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (address === null || typeof address === 'string')
    throw new TypeError('a TCP server has a port');
  return address.port;
}
