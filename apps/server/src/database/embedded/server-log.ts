import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './embedded-postgres-error.js';

const ROTATE_ABOVE_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 8 * 1024;
const TAIL_LINES = 12;

/** PostgreSQL's own log for one run of it. */
export interface ServerLog {
  /** For the child's error stream. */
  readonly descriptor: number;
  /** The last lines of this run, empty if it said nothing. */
  tail(): Promise<string>;
  close(): Promise<void>;
}

/** Opens `<folder>/postgres.log` for appending; one older file, `postgres.log.1`, is kept when it has grown large. */
export async function openServerLog(folder: string): Promise<ServerLog> {
  const path = join(folder, 'postgres.log');
  if ((await sizeOf(path)) > ROTATE_ABOVE_BYTES) await rename(path, `${path}.1`);
  const file = await open(path, 'a+', 0o600);
  const { size: beginning } = await file.stat();
  return {
    descriptor: file.fd,
    tail: () => readTail(file, beginning),
    close: () => file.close(),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

async function readTail(file: FileHandle, beginning: number): Promise<string> {
  const { size } = await file.stat();
  const position = Math.max(beginning, size - TAIL_BYTES);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position });
  return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-TAIL_LINES).join('\n');
}
