import { createWriteStream } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MediaId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { entriesOf, ifThere } from './storage/files.js';

/** Where files lie on this machine between their upload and their storage. */
@Injectable()
export class UploadSpool {
  private readonly folder: string;

  constructor(@Inject(CONFIG) { dataFolder }: Pick<Config, 'dataFolder'>) {
    this.folder = join(resolve(dataFolder), 'uploads');
  }

  /**
   * Writes what comes, as fast as the disk takes it; rejects where the content does. Resolves with the path of the file,
   * beside which others may be put.
   */
  async receive(id: MediaId, content: AsyncIterable<Buffer>): Promise<string> {
    const folder = join(this.folder, id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'original');
    await pipeline(content, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    return path;
  }

  /** Removes all that there is of an upload; also right where there is nothing. */
  async remove(id: MediaId): Promise<void> {
    await rm(join(this.folder, id), { recursive: true, force: true });
  }

  /** Removes what uploads have left that ended with their process; resolves with how many there were. */
  async removeUnfinished(before: Date): Promise<number> {
    let removed = 0;
    for await (const name of entriesOf(this.folder)) {
      const path = join(this.folder, name);
      const facts = await ifThere(() => lstat(path));
      if (!facts || facts.mtime >= before) continue;
      await rm(path, { recursive: true, force: true });
      removed += 1;
    }
    return removed;
  }
}
