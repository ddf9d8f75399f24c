import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  type FileHandle,
  lstat,
  mkdir,
  open,
  opendir,
  rename,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteRange, MediaStorage, StoredFile } from './media-storage.js';

/** No key begins with a point, so no key names it. */
const UNFINISHED = '.unfinished';
const SHELF = /^[0-9a-f]{2}$/;
const OWNER_ALONE = 0o700;

/**
 * Files in a folder of this machine, or of a file system that all nodes share: `<folder>/<shelf>/<key>`. The 256 shelves
 * keep folders small and are named by a hash of the key. A write goes to a temporary name, is flushed to the disk, and
 * then renamed.
 */
export class FolderStorage implements MediaStorage {
  private readonly unfinished: string;

  constructor(private readonly folder: string) {
    this.unfinished = join(folder, UNFINISHED);
  }

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }> {
    const shelf = await this.makeShelf(key);
    const temporary = join(this.unfinished, randomUUID());
    try {
      const size = await writeDurably(temporary, content);
      await rename(temporary, join(shelf, key));
      await flushFolder(shelf);
      return { size };
    } catch (error) {
      await unlinkIfThere(temporary);
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const handle = await this.open(key);
    return handle?.createReadStream({ ...range, autoClose: true });
  }

  async size(key: string): Promise<number | undefined> {
    const facts = await ifThere(() => lstat(join(this.shelfOf(key), key)));
    return facts?.isFile() ? facts.size : undefined;
  }

  async delete(key: string): Promise<void> {
    const shelf = this.shelfOf(key);
    if (await unlinkIfThere(join(shelf, key))) await flushFolder(shelf);
  }

  async *list(): AsyncIterable<StoredFile> {
    for await (const shelf of entriesOf(this.folder)) {
      if (SHELF.test(shelf)) yield* filesIn(join(this.folder, shelf));
    }
  }

  async removeUnfinished(before: Date): Promise<number> {
    let removed = 0;
    for await (const { key, modifiedAt } of filesIn(this.unfinished)) {
      if (modifiedAt < before && (await unlinkIfThere(join(this.unfinished, key)))) removed += 1;
    }
    return removed;
  }

  async check(): Promise<void> {
    await makeFolder(this.folder);
    await access(this.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  }

  private shelfOf(key: string): string {
    return join(this.folder, createHash('sha256').update(key).digest('hex').slice(0, 2));
  }

  private async makeShelf(key: string): Promise<string> {
    const shelf = this.shelfOf(key);
    await makeFolder(this.unfinished);
    await makeFolder(shelf);
    return shelf;
  }

  /** Never through a link: what it points to is not ours. */
  private open(key: string): Promise<FileHandle | undefined> {
    const path = join(this.shelfOf(key), key);
    return ifThere(() => open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
  }
}

async function writeDurably(path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // ELOOP: a link, which is as good as nothing.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ELOOP')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Whether there was such a file. */
async function unlinkIfThere(path: string): Promise<boolean> {
  return (await ifThere(() => unlink(path).then(() => true))) ?? false;
}

async function* entriesOf(folder: string): AsyncIterable<string> {
  const entries = await ifThere(() => opendir(folder));
  if (entries) for await (const { name } of entries) yield name;
}

/** The plain files of a folder; those that go meanwhile are left out. */
async function* filesIn(folder: string): AsyncIterable<StoredFile> {
  for await (const key of entriesOf(folder)) {
    const facts = await ifThere(() => lstat(join(folder, key)));
    if (facts?.isFile()) yield { key, size: facts.size, modifiedAt: facts.mtime };
  }
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: OWNER_ALONE });
  if (first === undefined) return;
  await flushFolder(dirname(first));
  await flushFolder(dirname(folder));
}

/** Makes names made, changed and removed in a folder survive a power cut. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
