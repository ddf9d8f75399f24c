import { expect, it } from 'vitest';
import type { MediaStorage } from '../media-storage.js';
import { bytesOf, freshKey, hashOf, inChunks, listed, someBytes } from './contents.js';

/** A storage for tests, and how to bring about what its interface does not allow. */
export interface StorageUnderTest {
  readonly storage: MediaStorage;
  /** Leaves what a write leaves whose process dies in the middle. */
  readonly leaveUnfinished: () => Promise<void>;
}

const MIB = 1024 * 1024;

const notKeys = [
  '',
  '.',
  '..',
  '../secret',
  '..\\secret',
  '/etc/passwd',
  'a/b',
  'a\\b',
  'a\0b',
  '.unfinished',
  '%2e%2e%2fsecret',
  'Capital',
  'two..points',
  'ends-with-',
  'a b',
  'naïve',
  '\u{202E}gnp.exe',
  'a'.repeat(129),
];

/** What every storage has to do. `current` gives a storage that holds nothing. */
export function storageContract(current: () => StorageUnderTest): void {
  const write = (key: string, bytes: Uint8Array) => current().storage.write(key, inChunks(bytes));
  const stored = async (key: string) => bytesOf(await current().storage.read(key));

  // More than one part of an upload to S3, and not a multiple of any.
  it.each([0, 1, 65_536, 12 * MIB + 7])('gives back the %i bytes it was given', async (size) => {
    const { storage } = current();
    const key = freshKey();
    const bytes = someBytes(size);
    await expect(write(key, bytes)).resolves.toEqual({ size });
    await expect(storage.size(key)).resolves.toBe(size);
    expect(hashOf(await stored(key))).toBe(hashOf(bytes));
    await expect(listed(storage)).resolves.toMatchObject([{ key, size }]);
  });

  it('tells when a file was written', async () => {
    const before = Date.now();
    await write(freshKey(), someBytes(1));
    const [file] = await listed(current().storage);
    // S3 counts in whole seconds.
    expect(file?.modifiedAt.getTime()).toBeGreaterThanOrEqual(before - 1000);
    expect(file?.modifiedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
  });

  it.each([
    [{ start: 0, end: 0 }, 'a'],
    [{ start: 3, end: 5 }, 'def'],
    [{ start: 9, end: 9 }, 'j'],
    [{ start: 8, end: 1000 }, 'ij'],
    [{ start: 0, end: Number.MAX_SAFE_INTEGER }, 'abcdefghij'],
    [{ start: 10, end: 20 }, ''],
    [{ start: Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER }, ''],
  ])('reads the range %j', async (range, expected) => {
    const key = freshKey();
    await write(key, Buffer.from('abcdefghij'));
    const part = await bytesOf(await current().storage.read(key, range));
    expect(part?.toString()).toBe(expected);
  });

  it('gives nothing of a range of an empty file', async () => {
    const key = freshKey();
    await write(key, Buffer.alloc(0));
    await expect(bytesOf(await current().storage.read(key, { start: 0, end: 5 }))).resolves.toEqual(
      Buffer.alloc(0),
    );
  });

  it.each([
    { start: -1, end: 2 },
    { start: 2, end: 1 },
    { start: 0.5, end: 2 },
    { start: 0, end: Infinity },
    { start: Number.NaN, end: 1 },
  ])('takes %j for no range', async (range) => {
    await expect(current().storage.read(freshKey(), range)).rejects.toThrow(RangeError);
  });

  it('says where there is no such key', async () => {
    const { storage } = current();
    const key = freshKey();
    await expect(storage.read(key)).resolves.toBeUndefined();
    await expect(storage.read(key, { start: 0, end: 1 })).resolves.toBeUndefined();
    await expect(storage.size(key)).resolves.toBeUndefined();
    await expect(listed(storage)).resolves.toEqual([]);
  });

  it('deletes once, twice, and what never was', async () => {
    const { storage } = current();
    const [key, other] = [freshKey(), freshKey()];
    await write(key, someBytes(10));
    await write(other, someBytes(10));
    await storage.delete(key);
    await storage.delete(key);
    await storage.delete(freshKey());
    await expect(stored(key)).resolves.toBeUndefined();
    await expect(storage.size(key)).resolves.toBeUndefined();
    await expect(listed(storage)).resolves.toMatchObject([{ key: other }]);
  });

  it('replaces what was under the key, and not for who reads it already', async () => {
    const { storage } = current();
    const key = freshKey();
    const [first, second] = [someBytes(2 * MIB), someBytes(MIB)];
    await write(key, first);
    const reading = await storage.read(key);
    await write(key, second);
    expect(hashOf(await bytesOf(reading))).toBe(hashOf(first));
    expect(hashOf(await stored(key))).toBe(hashOf(second));
    await storage.delete(key);
    await write(key, first);
    expect(hashOf(await stored(key))).toBe(hashOf(first));
  });

  it('shows nothing of a write under way', async () => {
    const { storage } = current();
    const key = freshKey();
    const bytes = someBytes(6 * MIB);
    const seen: unknown[] = [];
    async function* watched(): AsyncIterable<Uint8Array> {
      yield* inChunks(bytes);
      seen.push(await storage.read(key), await storage.size(key), await listed(storage));
    }
    await storage.write(key, watched());
    expect(seen).toEqual([undefined, undefined, []]);
    await expect(storage.size(key)).resolves.toBe(bytes.length);
  });

  it.each([0, 1, 7 * MIB])('stores nothing of content that fails after %i bytes', async (size) => {
    const { storage } = current();
    const [fresh, taken] = [freshKey(), freshKey()];
    const before = someBytes(100);
    await write(taken, before);
    const failure = new Error('the client has gone');
    async function* failing(): AsyncIterable<Uint8Array> {
      yield* inChunks(someBytes(size));
      throw failure;
    }
    for (const key of [fresh, taken]) {
      await expect(storage.write(key, failing())).rejects.toBe(failure);
    }
    await expect(stored(fresh)).resolves.toBeUndefined();
    await expect(stored(taken)).resolves.toEqual(before);
    await expect(listed(storage)).resolves.toMatchObject([{ key: taken, size: 100 }]);
    await expect(storage.removeUnfinished(new Date(Date.now() + 60_000))).resolves.toBe(0);
  });

  it('keeps one of many writes to a key, whole', async () => {
    const key = freshKey();
    const contents = Array.from({ length: 10 }, () => someBytes(300_000));
    await Promise.all(contents.map((bytes) => write(key, bytes)));
    expect(contents.map(hashOf)).toContain(hashOf(await stored(key)));
    await expect(listed(current().storage)).resolves.toMatchObject([{ key, size: 300_000 }]);
  });

  it('lists many', async () => {
    const { storage } = current();
    const keys = Array.from({ length: 60 }, freshKey);
    await Promise.all(keys.map((key) => write(key, Buffer.from(key))));
    const files = await listed(storage);
    expect(files.map(({ key }) => key)).toEqual(
      keys.toSorted((one, other) => one.localeCompare(other)),
    );
  });

  it.each(notKeys)('takes %j for no key', async (key) => {
    const { storage } = current();
    await expect(write(key, someBytes(1))).rejects.toThrow(RangeError);
    await expect(storage.read(key)).rejects.toThrow(RangeError);
    await expect(storage.size(key)).rejects.toThrow(RangeError);
    await expect(storage.delete(key)).rejects.toThrow(RangeError);
  });

  it('frees what a dead process left, once it is old enough, and nothing else', async () => {
    const { storage, leaveUnfinished } = current();
    const key = freshKey();
    await write(key, someBytes(10));
    await leaveUnfinished();
    await leaveUnfinished();
    await expect(listed(storage)).resolves.toMatchObject([{ key }]);
    const [past, future] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
    await expect(storage.removeUnfinished(past)).resolves.toBe(0);
    await expect(storage.removeUnfinished(future)).resolves.toBe(2);
    await expect(storage.removeUnfinished(future)).resolves.toBe(0);
    await expect(listed(storage)).resolves.toMatchObject([{ key }]);
  });

  it('says that it can be written to', async () => {
    await expect(current().storage.check()).resolves.toBeUndefined();
  });
}
