import { randomUUID } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesIn, flushFolder, makeFolder, unlinkIfThere } from './files.js';

/** A file that was written whole and has no place yet. */
export interface SpooledFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** The folder where content is gathered, each under a name of its own, until all of it is there. */
export class Spool {
  constructor(private readonly folder: string) {}

  /** Gathers content and flushes it to the disk; nothing is left where that fails. */
  async gather(content: AsyncIterable<Uint8Array>): Promise<SpooledFile> {
    await makeFolder(this.folder);
    const path = join(this.folder, randomUUID());
    try {
      return { path, size: await writeDurably(path, content) };
    } catch (error) {
      await unlinkIfThere(path);
      throw error;
    }
  }

  /** Gives a file its place, durably, instead of what is there. Both are on one file system. */
  async place(file: SpooledFile, path: string): Promise<void> {
    try {
      await makeFolder(dirname(path));
      await rename(file.path, path);
      await flushFolder(dirname(path));
    } catch (error) {
      await this.remove(file);
      throw error;
    }
  }

  async remove(file: SpooledFile): Promise<void> {
    await unlinkIfThere(file.path);
  }

  /** Removes files to which nothing was written since; resolves with how many there were. */
  async removeOlder(before: Date): Promise<number> {
    let removed = 0;
    for await (const { path, modifiedAt } of filesIn(this.folder)) {
      if (modifiedAt < before && (await unlinkIfThere(path))) removed += 1;
    }
    return removed;
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
