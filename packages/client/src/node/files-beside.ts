import { openAsBlob } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStore } from '../store/store.js';

const PART = '.part';

async function ifThere<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Keeps the bytes of files in a folder beside the file of a store. */
export function filesBeside(path: string): FileStore {
  const folder = `${path}.files`;
  // A key is no path, whatever is in it.
  const placeOf = (key: string): string => join(folder, encodeURIComponent(key));
  /** Parts that this process writes; any other is of one that died over it. */
  const writing = new Set<string>();
  return {
    keys: async (prefix) => {
      const names = (await ifThere(() => readdir(folder))) ?? [];
      const parts = names.filter((name) => name.endsWith(PART));
      for (const part of parts) {
        const place = join(folder, part);
        if (!writing.has(place)) await rm(place, { force: true });
      }
      return names
        .filter((name) => !name.endsWith(PART))
        .map((name) => decodeURIComponent(name))
        .filter((key) => key.startsWith(prefix));
    },
    read: (key) => ifThere(() => openThere(placeOf(key))),
    write: async (key, content) => {
      const place = placeOf(key);
      const part = place + PART;
      writing.add(part);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(part, content);
        await rename(part, place);
      } finally {
        writing.delete(part);
      }
    },
    delete: async (key) => {
      await rm(placeOf(key), { force: true });
    },
  };
}

async function writeWhole(place: string, content: Blob): Promise<void> {
  const handle = await open(place, 'w', 0o600);
  try {
    for await (const chunk of content.stream()) await handle.appendFile(chunk);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** A blob of a file is read when it is asked for its bytes; that the file is not there is seen at once. */
async function openThere(place: string): Promise<Blob> {
  const handle = await open(place);
  await handle.close();
  return openAsBlob(place);
}
