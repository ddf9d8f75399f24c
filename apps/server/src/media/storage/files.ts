import { constants } from 'node:fs';
import { lstat, mkdir, open, opendir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a file operation gives; `undefined` where there is no such file. A link is as good as none. */
export async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ELOOP')) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Whether there was such a file. */
export async function unlinkIfThere(path: string): Promise<boolean> {
  return (await ifThere(() => unlink(path).then(() => true))) ?? false;
}

/** The names in a folder; none where it is not there. */
export async function* entriesOf(folder: string): AsyncIterable<string> {
  const entries = await ifThere(() => opendir(folder));
  if (entries) for await (const { name } of entries) yield name;
}

export interface FileInFolder {
  readonly name: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** The plain files of a folder, without links; those that go meanwhile are left out. */
export async function* filesIn(folder: string): AsyncIterable<FileInFolder> {
  for await (const name of entriesOf(folder)) {
    const path = join(folder, name);
    const facts = await ifThere(() => lstat(path));
    if (facts?.isFile()) yield { name, path, size: facts.size, modifiedAt: facts.mtime };
  }
}

/** Makes a folder for our own user alone, durably, with those above it. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  await flushFolder(dirname(first));
  await flushFolder(dirname(folder));
}

/** Makes names that were made, changed and removed in a folder survive a power cut. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
