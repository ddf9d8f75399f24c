import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderStorage } from './folder-storage.js';
import { GuardedStorage } from './guarded-storage.js';
import { bytesOf, freshKey, inChunks, listed, someBytes } from './testing/contents.js';
import { mountTinyDisk } from './testing/tiny-disk.js';
import { storageContract } from './testing/storage-contract.js';

let sandbox: string;
let folder: string;
let storage: GuardedStorage;
let leftovers = 0;

async function leaveUnfinished(): Promise<void> {
  leftovers += 1;
  await mkdir(join(folder, '.unfinished'), { recursive: true });
  await writeFile(join(folder, '.unfinished', `left-${leftovers}`), someBytes(1000));
}

/** The paths of all files below the storage's folder. */
async function filesBelow(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name));
}

beforeEach(async () => {
  sandbox = await mkdtemp(join(tmpdir(), 'natter-storage-'));
  folder = join(sandbox, 'not', 'there', 'yet');
  storage = new GuardedStorage(new FolderStorage(folder));
});

afterEach(() => rm(sandbox, { recursive: true, force: true }));

describe('a folder', () => {
  storageContract(() => ({ storage, leaveUnfinished }));

  it('has a temporary name alone while a write is under way', async () => {
    const key = freshKey();
    let during: string[] = [];
    async function* watched(): AsyncIterable<Uint8Array> {
      yield someBytes(100_000);
      yield someBytes(1);
      during = await filesBelow();
    }
    await storage.write(key, watched());
    expect(during).toEqual([expect.stringContaining('.unfinished')]);
    await expect(filesBelow()).resolves.toEqual([expect.stringContaining(key)]);
  });

  it('does not follow links, nor list what else lies there', async () => {
    const secret = join(sandbox, 'secret');
    await writeFile(secret, 'not for you');
    const key = freshKey();
    await storage.write(key, inChunks(someBytes(1)));
    const [path = ''] = await filesBelow();
    await rm(path);
    await symlink(secret, path);
    await writeFile(join(folder, 'README'), 'a note');
    await writeFile(join(path, '..', 'Not A Key'), 'a note');
    await mkdir(join(path, '..', 'a-folder'));

    await expect(storage.read(key)).resolves.toBeUndefined();
    await expect(storage.size(key)).resolves.toBeUndefined();
    await expect(listed(storage)).resolves.toEqual([]);
    // A write replaces the link, not what it points to.
    await storage.write(key, inChunks(Buffer.from('mine')));
    await expect(bytesOf(await storage.read(key))).resolves.toEqual(Buffer.from('mine'));
    await storage.delete(key);
    await expect(readFile(secret, 'utf8')).resolves.toBe('not for you');
  });

  it('G21: on a disk that is full refuses for now, and leaves nothing', async (context) => {
    const disk = await mountTinyDisk(1_000_000);
    if (!disk) return context.skip('no file system may be mounted here');
    try {
      const tiny = new GuardedStorage(new FolderStorage(disk.folder));
      const key = freshKey();
      await tiny.write(key, inChunks(someBytes(300_000)));
      await expect(tiny.write(freshKey(), inChunks(someBytes(2_000_000)))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        cause: { code: 'ENOSPC' },
      });
      await expect(listed(tiny)).resolves.toMatchObject([{ key, size: 300_000 }]);
      await expect(readdir(join(disk.folder, '.unfinished'))).resolves.toEqual([]);
      await tiny.write(freshKey(), inChunks(someBytes(300_000)));
    } finally {
      await disk.remove();
    }
  });

  it('that cannot be had is an UNAVAILABLE storage', async () => {
    const file = join(sandbox, 'file');
    await writeFile(file, '');
    const broken = new GuardedStorage(new FolderStorage(join(file, 'below')));
    const unavailable = { code: 'UNAVAILABLE', cause: { code: 'ENOTDIR' } };
    await expect(broken.write(freshKey(), inChunks(someBytes(1)))).rejects.toMatchObject(
      unavailable,
    );
    await expect(broken.read(freshKey())).rejects.toMatchObject(unavailable);
    await expect(broken.size(freshKey())).rejects.toMatchObject(unavailable);
    await expect(broken.delete(freshKey())).rejects.toMatchObject(unavailable);
    await expect(listed(broken)).rejects.toMatchObject(unavailable);
    await expect(broken.check()).rejects.toMatchObject(unavailable);
  });
});
