import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk that is full soon. */
export interface TinyDisk {
  readonly folder: string;
  remove(): Promise<void>;
}

/** @returns `undefined` where no file system may be mounted, as by other users than root. */
export async function mountTinyDisk(bytes: number): Promise<TinyDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'natter-tiny-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  } catch {
    await remove();
    return undefined;
  }
  return {
    folder,
    remove: async () => {
      await run('umount', [folder]);
      await remove();
    },
  };
}
