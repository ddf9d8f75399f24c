import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClientStore } from '../store/store.js';
import { filesBeside } from './files-beside.js';

/** A file is written anew when this much more was appended to it than it holds. */
const GARBAGE_ROWS = 10_000;

type Line = readonly (readonly [key: string, value: unknown])[];

function isLine(value: unknown): value is Line {
  return Array.isArray(value) && value.every((row) => Array.isArray(row) && row.length === 2);
}

/** The rows that a file of lines makes; a line that was cut off by the end of its process counts as not written. */
function rowsOf(text: string): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const line of text.split('\n').slice(0, -1)) {
    const changes: unknown = JSON.parse(line);
    if (!isLine(changes)) throw new Error('This is not the file of a client');
    for (const [key, value] of changes) {
      if (value === null) rows.delete(key);
      else rows.set(key, value);
    }
  }
  return rows;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

class FileRows {
  private appended = 0;
  /** A write has failed halfway, so that no line may follow it. */
  private isTorn = false;

  private constructor(
    private readonly path: string,
    private readonly rows: Map<string, unknown>,
    private handle: FileHandle,
  ) {}

  static async open(path: string): Promise<FileRows> {
    await mkdir(dirname(path), { recursive: true });
    const rows = rowsOf(await readIfThere(path));
    const file = new FileRows(path, rows, await FileRows.rewrite(path, rows));
    return file;
  }

  /** Writes all rows into a new file that takes the place of the old one at once, and opens it to be appended to. */
  private static async rewrite(
    path: string,
    rows: ReadonlyMap<string, unknown>,
  ): Promise<FileHandle> {
    const next = `${path}.next`;
    // It may hold a login: nobody else is to read it.
    const handle = await open(next, 'w', 0o600);
    await handle.appendFile(rows.size > 0 ? `${JSON.stringify([...rows])}\n` : '');
    await handle.datasync();
    await rename(next, path);
    return handle;
  }

  read(prefix: string): (readonly [string, unknown])[] {
    return [...this.rows].filter(([key]) => key.startsWith(prefix));
  }

  async write(changes: ReadonlyMap<string, unknown>): Promise<void> {
    if (this.isTorn) await this.compact();
    const line = [...changes].map(([key, value]) => [key, value ?? null]);
    this.isTorn = true;
    await this.handle.appendFile(`${JSON.stringify(line)}\n`);
    await this.handle.datasync();
    this.isTorn = false;
    for (const [key, value] of changes) {
      if (value === undefined) this.rows.delete(key);
      else this.rows.set(key, value);
    }
    this.appended += changes.size;
    if (this.appended > this.rows.size + GARBAGE_ROWS) await this.compact();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async compact(): Promise<void> {
    const old = this.handle;
    this.handle = await FileRows.rewrite(this.path, this.rows);
    this.appended = 0;
    this.isTorn = false;
    await old.close();
  }
}

/**
 * Keeps everything in one file, for programs in Node: each write is one line, on disk when it resolves, and one that was
 * cut off counts as not written. Files that are on their way are in a folder beside it, named as it is with `.files` after
 * it. All of it belongs to one process at a time.
 */
export function fileStore(path: string): ClientStore {
  let opened: Promise<FileRows> | undefined;
  /** One after the other, so that lines never mix. */
  let last: Promise<unknown> = Promise.resolve();
  const open = async (): Promise<FileRows> => {
    opened ??= FileRows.open(path);
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  const next = <T>(act: (rows: FileRows) => T | Promise<T>): Promise<T> => {
    const result = last.then(async () => act(await open()));
    last = result.catch(() => undefined);
    return result;
  };
  return {
    read: (prefix) => next((rows) => rows.read(prefix)),
    write: (changes) => next((rows) => rows.write(changes)),
    close: async () => {
      await last;
      await (await opened)?.close();
    },
    files: filesBeside(path),
  };
}
