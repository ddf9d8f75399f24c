import { createHash } from 'node:crypto';
import { files as samples } from '@natter/testing';

/** What a message is to hold in the end. */
export interface Written {
  /** Of its item, from its beginning on. */
  readonly key: string;
  readonly text: string;
  /** Of its files, in their order. */
  readonly hashes: readonly string[];
}

/** The same for the same text and files. */
export function contentOf({ text, hashes }: Pick<Written, 'text' | 'hashes'>): string {
  return [text, ...hashes].join(' | ');
}

const MOST_BYTES = 60_000;
/** No kind of file begins so. */
const BEGINNING = Buffer.from('\0faulty\0');

/** A file that no other is like; of five one is a picture. */
export async function someFile(random: () => number): Promise<File> {
  const randomBytes = (length: number) =>
    Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  if (random() < 0.2) {
    const picture = await samples.png(4, 4, randomBytes(48));
    return new File([new Uint8Array(picture)], 'a picture.png', { type: 'image/png' });
  }
  const bytes = Buffer.concat([BEGINNING, randomBytes(16 + Math.floor(random() * MOST_BYTES))]);
  return new File([new Uint8Array(bytes)], 'a file.bin', { type: 'application/octet-stream' });
}

/** Of the bytes, but of a picture of what it shows: the server writes pictures anew. */
export async function hashOf(blob: Blob): Promise<string> {
  const bytes = Buffer.from(await blob.arrayBuffer());
  const content = blob.type === 'image/png' ? await samples.pixelsOf(bytes) : bytes;
  return createHash('sha256').update(content).digest('hex');
}
