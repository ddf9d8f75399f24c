import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { MediaStorage, StoredFile } from '../media-storage.js';

export function freshKey(): string {
  return `${randomUUID()}.original`;
}

/** The bytes in chunks, each given only when it is asked for. */
export async function* inChunks(bytes: Uint8Array, chunkBytes = 65_536): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

export function someBytes(size: number): Buffer {
  return randomBytes(size);
}

export async function bytesOf(stream: Readable | undefined): Promise<Buffer | undefined> {
  if (!stream) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** For comparing much without a difference of megabytes in the report. */
export function hashOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && createHash('sha256').update(bytes).digest('hex');
}

export async function listed(storage: MediaStorage): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const file of storage.list()) files.push(file);
  return files.toSorted((one, other) => one.key.localeCompare(other.key));
}
