import type { Readable } from 'node:stream';

/** A part of a file, in bytes from 0, both ends included, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredFile {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** The injection token of the node's `MediaStorage`. */
export const MEDIA_STORAGE = Symbol('MEDIA_STORAGE');

/**
 * Where the bytes of media are kept, under keys that the server makes (`isStorageKey`); any other key is a `RangeError`.
 * What goes wrong in the storage itself is thrown as `UNAVAILABLE`, with the reason as its cause.
 */
export interface MediaStorage {
  /**
   * Stores all of the content or nothing, durably, in the place of what was under the key. While it runs, and where it
   * rejects, readers and `list` see what was there before.
   *
   * @throws whatever the content throws.
   */
  write(key: string, content: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }>;

  /**
   * The bytes under a key, or the part of them that is in the range; `undefined` where there is no such key. The stream
   * has to be read to its end or destroyed. A deletion or another write meanwhile does not change what it gives.
   *
   * @throws {RangeError} where the range is none: negative, broken, or with its end before its start.
   */
  read(key: string, range?: ByteRange): Promise<Readable | undefined>;

  /** In bytes; `undefined` where there is no such key. */
  size(key: string): Promise<number | undefined>;

  /** Removes what is under the key, durably; also right where nothing is. */
  delete(key: string): Promise<void>;

  /** Everything stored, in no order. What is written or deleted meanwhile may come or not. */
  list(): AsyncIterable<StoredFile>;

  /**
   * Frees what writes have left behind that were cut by the end of their process; resolves with how many there were.
   *
   * @param before When nothing had been written to them for so long that no write under way is meant.
   */
  removeUnfinished(before: Date): Promise<number>;

  /** Resolves where the storage can be written to; for the health answer. */
  check(): Promise<void>;
}

const KEY = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
/** File names may have 255 bytes. */
const KEY_LENGTH = 128;

/**
 * Whether a key is of the form that storages take: small letters, digits, and single `.`, `_` or `-` between them. So
 * none is a path, hidden, or equal to another on a file system that does not know small from capital letters.
 */
export function isStorageKey(key: string): boolean {
  return key.length <= KEY_LENGTH && KEY.test(key);
}
