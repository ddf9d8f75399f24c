import { createHash } from 'node:crypto';
import { chmod, lchown, lstat, mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClusterHome } from './cluster-home.js';
import { EmbeddedPostgresError, hasCode } from './embedded-postgres-error.js';
import type { Endpoint } from './endpoint.js';
import { canUse, type SystemAccount } from './system-account.js';

const PORT = 5432;
const SOCKET = `.s.PGSQL.${PORT}`;
const SOCKET_LOCK = `${SOCKET}.lock`;
/** The least of the supported systems, which is macOS. */
const MAX_SOCKET_PATH_BYTES = 103;

/** The permissions of its folder keep other users out, so the database itself asks for no password. */
export async function openSocket({ cluster, account }: ClusterHome): Promise<Endpoint> {
  const folder = await makeSocketFolder(cluster, account);
  return {
    host: folder,
    port: PORT,
    settings: {
      listen_addresses: '',
      port: String(PORT),
      unix_socket_directories: `"${folder}"`,
      unix_socket_permissions: '0700',
    },
    async clear() {
      await rm(join(folder, SOCKET), { force: true });
      await rm(join(folder, SOCKET_LOCK), { force: true });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Not in the data folder, whose path may be longer than the path of a socket can be. */
async function makeSocketFolder(
  cluster: string,
  account: SystemAccount | undefined,
): Promise<string> {
  const name = `natter-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;
  for (const parent of new Set([resolve(tmpdir()), '/tmp'])) {
    const folder = await claimFolder(join(parent, name), account);
    if (folder === undefined) continue;
    const fits = Buffer.byteLength(join(folder, SOCKET)) <= MAX_SOCKET_PATH_BYTES;
    if (fits && (account === undefined || (await canUse(account, folder, 'write')))) return folder;
    await rmdir(folder);
  }
  const user = account === undefined ? 'this user' : `user "${account.name}"`;
  throw new EmbeddedPostgresError(
    `unable to make a folder for PostgreSQL's socket in ${tmpdir()} or /tmp; set TMPDIR to a short path of a folder ` +
      `that ${user} may enter`,
  );
}

/**
 * Makes a private folder, or takes over the one that an earlier run left there. Somebody else's folder of that name is
 * never used: a random name replaces it. `undefined` where no folder can be made.
 */
async function claimFolder(
  preferred: string,
  account: SystemAccount | undefined,
): Promise<string | undefined> {
  let folder = preferred;
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EROFS')) return undefined;
    if (!hasCode(error, 'EEXIST')) throw error;
    if (!(await isOurs(preferred, account))) folder = await mkdtemp(`${preferred}-`);
  }
  await chmod(folder, 0o700);
  if (account !== undefined) await lchown(folder, account.uid, account.gid);
  return folder;
}

async function isOurs(folder: string, account: SystemAccount | undefined): Promise<boolean> {
  const stats = await lstat(folder);
  return stats.isDirectory() && [process.getuid?.(), account?.uid].includes(stats.uid);
}
