import { chmod, cp, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './embedded-postgres-error.js';
import { exists, makeEnterable } from './folders.js';
import { restoreLinks } from './platform-package.js';

/**
 * Copies the binaries to where every user can run them. The copy appears at `target` complete or not at all, and servers
 * share it. Returns whether it was made now. Only root calls it.
 */
export async function copyBinaries(source: string, target: string): Promise<boolean> {
  if (await exists(target)) return false;
  await makeEnterable(dirname(target));
  const staging = await mkdtemp(`${target}.new-`);
  try {
    // Without `verbatimSymlinks` the copied links would lead back to the folder that cannot be reached.
    await cp(source, staging, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(staging);
    await publish(staging);
    await rename(staging, target);
    return true;
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}

/** Lets everybody read the files, and flushes them, so that a power cut does not leave a complete-looking copy. */
async function publish(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) await publishFile(path);
  }
}

async function publishFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { mode } = await file.stat();
    const executable = (mode & 0o100) !== 0;
    await file.chmod(executable ? 0o755 : 0o644);
    await file.sync();
  } finally {
    await file.close();
  }
}
