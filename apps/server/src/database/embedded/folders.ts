import { chmod, lchown, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './embedded-postgres-error.js';
import type { SystemAccount } from './system-account.js';

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Makes a folder that other users may pass through but not list. One that is there already keeps its permissions. */
export async function makeEnterable(folder: string): Promise<void> {
  const created = await mkdir(folder, { recursive: true });
  // Separately, since a strict umask takes bits away from mkdir's mode.
  if (created !== undefined) await chmod(folder, 0o711);
}

/** The folder itself changes hands last, so that an interrupted change is seen and done again. */
export async function giveTo(account: SystemAccount, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true })) {
    await lchown(join(folder, entry), account.uid, account.gid);
  }
  await lchown(folder, account.uid, account.gid);
}

/** Makes renames in `folder` survive a power cut. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
