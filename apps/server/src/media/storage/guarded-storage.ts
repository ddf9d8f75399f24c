import type { Readable } from 'node:stream';
import { NatterError } from '../../errors/natter-error.js';
import {
  type ByteRange,
  isStorageKey,
  type MediaStorage,
  type StoredFile,
} from './media-storage.js';

function requireKey(key: string): void {
  if (!isStorageKey(key)) throw new RangeError(`${JSON.stringify(key)} is no key of the storage`);
}

function requireRange({ start, end }: ByteRange): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end)
    return;
  throw new RangeError(`${start} to ${end} is no range of bytes`);
}

function unavailable(cause: unknown): NatterError {
  return new NatterError('UNAVAILABLE', undefined, { cause });
}

/** Runs what asks the storage alone, whose failures are all its own. */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}

/** Passes the content on, and remembers whether it was the content that failed. */
class WatchedContent implements AsyncIterable<Uint8Array> {
  failure: { readonly error: unknown } | undefined;

  constructor(private readonly content: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      yield* this.content;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** What holds for every storage: only keys of ours come to it, and each failure is told for what it is. */
export class GuardedStorage implements MediaStorage {
  constructor(private readonly inner: MediaStorage) {}

  async write(key: string, content: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }> {
    requireKey(key);
    const watched = new WatchedContent(content);
    try {
      return await this.inner.write(key, watched);
    } catch (error) {
      throw watched.failure ? watched.failure.error : unavailable(error);
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    requireKey(key);
    if (range) requireRange(range);
    return asking(() => this.inner.read(key, range));
  }

  async size(key: string): Promise<number | undefined> {
    requireKey(key);
    return asking(() => this.inner.size(key));
  }

  async delete(key: string): Promise<void> {
    requireKey(key);
    await asking(() => this.inner.delete(key));
  }

  async *list(): AsyncIterable<StoredFile> {
    try {
      for await (const file of this.inner.list()) if (isStorageKey(file.key)) yield file;
    } catch (error) {
      throw unavailable(error);
    }
  }

  removeUnfinished(before: Date): Promise<number> {
    return asking(() => this.inner.removeUnfinished(before));
  }

  check(): Promise<void> {
    return asking(() => this.inner.check());
  }
}
