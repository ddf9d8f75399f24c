import { createWriteStream } from 'node:fs';
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { DataStore, ERRORS, Upload } from '@tus/server';
import * as z from 'zod/mini';
import { entriesOf, flushFolder, ifThere, makeFolder } from '../files.js';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const UploadRecord = z.object({
  size: z.int(),
  createdAt: z.string(),
  metadata: z.record(z.string(), z.nullable(z.string())),
  /** Its bytes were handed on, and are no longer here. */
  isFinished: z.boolean(),
});
type UploadRecord = z.output<typeof UploadRecord>;

/** An upload under an address that is its owner's alone: anybody else's request never finds it. */
export interface UploadAddress {
  readonly ownerId: string;
  readonly id: string;
}

/** The name by which tus knows an upload here. */
export function nameOf({ ownerId, id }: UploadAddress): string {
  return `${ownerId}.${id}`;
}

/** @returns `undefined` for what `nameOf` cannot have made; so no name is a path. */
export function addressOf(name: string): UploadAddress | undefined {
  const [ownerId = '', id = '', ...rest] = name.split('.');
  return ID.test(ownerId) && ID.test(id) && rest.length === 0 ? { ownerId, id } : undefined;
}

/**
 * What of uploads has come so far: `<folder>/<owner>/<id>/content`, with what is known of it in `upload.json` beside. How
 * much has come is the size of the file, so that it goes on where it was after any end of the process. Of an upload
 * whose bytes were handed on the record stays until it expires, for clients that did not hear of it.
 */
export class UploadStore extends DataStore {
  constructor(
    private readonly folder: string,
    private readonly expiryMs: number,
  ) {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  }

  override async create(upload: Upload): Promise<Upload> {
    const folder = this.folderOf(upload.id);
    await makeFolder(folder);
    upload.creation_date = new Date().toISOString();
    try {
      await (await open(join(folder, 'content'), 'wx', 0o600)).close();
      await this.record(upload.id, {
        size: upload.size ?? 0,
        createdAt: upload.creation_date,
        metadata: upload.metadata ?? {},
        isFinished: false,
      });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return upload;
  }

  /** Resolves with how much there is then. What had come when a client went away stays. */
  override async write(stream: Readable, name: string, offset: number): Promise<number> {
    if ((await this.require(name)).isFinished) {
      await finished(stream.resume());
      return offset;
    }
    const sink = createWriteStream(this.contentPath(name), { flags: 'r+', start: offset });
    await pipeline(stream, sink);
    return offset + sink.bytesWritten;
  }

  override async getUpload(name: string): Promise<Upload> {
    const { size, createdAt, metadata, isFinished } = await this.require(name);
    const offset = isFinished ? size : await this.received(name);
    return new Upload({ id: name, size, offset, metadata, creation_date: createdAt });
  }

  override async remove(name: string): Promise<void> {
    await this.require(name);
    await rm(this.folderOf(name), { recursive: true, force: true });
  }

  /** Removes uploads that began too long ago, with the records of finished ones; resolves with how many there were. */
  override async deleteExpired(): Promise<number> {
    const before = Date.now() - this.expiryMs;
    let removed = 0;
    for await (const ownerId of entriesOf(this.folder)) {
      for (const id of await this.idsOf(ownerId)) {
        const folder = join(this.folder, ownerId, id);
        const createdAt = await this.createdAt(nameOf({ ownerId, id }), folder);
        if (createdAt >= before) continue;
        await rm(folder, { recursive: true, force: true });
        removed += 1;
      }
    }
    return removed;
  }

  override getExpiration(): number {
    return this.expiryMs;
  }

  /** Where the bytes of an upload are that has come as a whole and was not handed on; `undefined` for any other. */
  async wholeFile(
    name: string,
  ): Promise<{ readonly path: string; readonly record: UploadRecord } | undefined> {
    const record = await this.read(name);
    if (!record || record.isFinished) return undefined;
    const isWhole = (await this.received(name)) === record.size;
    return isWhole ? { path: this.contentPath(name), record } : undefined;
  }

  /** Its bytes were handed on: they go, with all that was made beside them. */
  async finish(name: string): Promise<void> {
    await this.record(name, { ...(await this.require(name)), isFinished: true });
    const folder = this.folderOf(name);
    for (const entry of await readdir(folder)) {
      if (entry !== 'upload.json') await rm(join(folder, entry), { recursive: true, force: true });
    }
  }

  /** How many uploads an owner has begun and not finished. */
  async unfinishedOf(ownerId: string): Promise<number> {
    const records = await Promise.all(
      (await this.idsOf(ownerId)).map((id) => this.read(nameOf({ ownerId, id }))),
    );
    return records.filter((record) => record && !record.isFinished).length;
  }

  private async idsOf(ownerId: string): Promise<string[]> {
    const names = (await ifThere(() => readdir(join(this.folder, ownerId)))) ?? [];
    return names.filter((id) => addressOf(nameOf({ ownerId, id })) !== undefined);
  }

  /** Milliseconds; of an upload whose process ended before its record was there, when its folder was made. */
  private async createdAt(name: string, folder: string): Promise<number> {
    const record = await this.read(name);
    if (record) return Date.parse(record.createdAt);
    return (await ifThere(() => lstat(folder)))?.mtimeMs ?? Infinity;
  }

  private async received(name: string): Promise<number> {
    const facts = await ifThere(() => lstat(this.contentPath(name)));
    if (!facts) throw ERRORS.FILE_NO_LONGER_EXISTS;
    return facts.size;
  }

  private async require(name: string): Promise<UploadRecord> {
    const record = await this.read(name);
    if (!record) throw ERRORS.FILE_NOT_FOUND;
    return record;
  }

  private async read(name: string): Promise<UploadRecord | undefined> {
    const text = await ifThere(() => readFile(join(this.folderOf(name), 'upload.json'), 'utf8'));
    return text === undefined ? undefined : z.parse(UploadRecord, JSON.parse(text));
  }

  /** The new record in the place of the old one, or the old one. */
  private async record(name: string, record: UploadRecord): Promise<void> {
    const folder = this.folderOf(name);
    const next = join(folder, 'upload.json.next');
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(record));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, join(folder, 'upload.json'));
    await flushFolder(folder);
  }

  private contentPath(name: string): string {
    return join(this.folderOf(name), 'content');
  }

  private folderOf(name: string): string {
    const address = addressOf(name);
    if (!address) throw ERRORS.FILE_NOT_FOUND;
    return join(this.folder, address.ownerId, address.id);
  }
}
