import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { entriesOf, filesIn, flushFolder, ifThere, makeFolder, unlinkIfThere } from './files.js';
import type { ByteRange, MediaStorage, StoredFile } from './media-storage.js';
import { Spool } from './spool.js';

const SHELF = /^[0-9a-f]{2}$/;

/**
 * Files in a folder of this machine, or of a file system that all nodes share: `<folder>/<shelf>/<key>`. The 256 shelves
 * keep folders small and are named by a hash of the key. A write is gathered below `<folder>/.unfinished`, which no key
 * can name, is flushed to the disk, and then renamed.
 */
export class FolderStorage implements MediaStorage {
  private readonly spool: Spool;

  constructor(private readonly folder: string) {
    this.spool = new Spool(join(folder, '.unfinished'));
  }

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }> {
    const file = await this.spool.gather(content);
    await this.spool.place(file, this.pathOf(key));
    return { size: file.size };
  }

  async read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    // Never through a link: what it points to is not ours.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
    const handle = await ifThere(() => open(this.pathOf(key), flags));
    return handle?.createReadStream({ ...range, autoClose: true });
  }

  async size(key: string): Promise<number | undefined> {
    const facts = await ifThere(() => lstat(this.pathOf(key)));
    return facts?.isFile() ? facts.size : undefined;
  }

  async delete(key: string): Promise<void> {
    const path = this.pathOf(key);
    if (await unlinkIfThere(path)) await flushFolder(dirname(path));
  }

  async *list(): AsyncIterable<StoredFile> {
    for await (const shelf of entriesOf(this.folder)) {
      if (!SHELF.test(shelf)) continue;
      for await (const { name, size, modifiedAt } of filesIn(join(this.folder, shelf))) {
        yield { key: name, size, modifiedAt };
      }
    }
  }

  removeUnfinished(before: Date): Promise<number> {
    return this.spool.removeOlder(before);
  }

  async check(): Promise<void> {
    await makeFolder(this.folder);
    await access(this.folder, constants.R_OK | constants.W_OK | constants.X_OK);
  }

  private pathOf(key: string): string {
    const shelf = createHash('sha256').update(key).digest('hex').slice(0, 2);
    return join(this.folder, shelf, key);
  }
}
