import type { FileHandle } from 'node:fs/promises';
import type { Note } from './notes.js';

// Of EBML (RFC 8794) and Matroska (RFC 9559), with the bits that mark their length.
const SEGMENT = 0x18_53_80_67;
const CLUSTER = 0x1f_43_b6_75;
const INFO = 0x15_49_a9_66;
const NOTES = new Set([
  0x12_54_c3_67, // Tags
  0x19_41_a4_69, // Attachments
  0x7b_a9, // Title
  0x44_61, // DateUTC
  0x73_84, // SegmentFilename
  0xbf, // CRC-32, which no longer fits what it was made of
]);
const VOID = 0xec;

const MOST_ID_BYTES = 4;
const MOST_SIZE_BYTES = 8;
/** Blocks of sound have some hundred bytes each: many heads are read at once. */
const WINDOW_BYTES = 65_536;

interface Element {
  readonly id: number;
  readonly start: number;
  readonly contentStart: number;
  /** Absent where it ends with what holds it, as in a recording that was written as it came. */
  readonly size: number | undefined;
}

class ElementReader {
  private readonly window = Buffer.alloc(WINDOW_BYTES);
  private windowStart = 0;
  private windowBytes = 0;
  private readonly file: FileHandle;

  constructor(file: FileHandle) {
    this.file = file;
  }

  /** `undefined` where none can be. */
  async at(start: number): Promise<Element | undefined> {
    const head = await this.head(start);
    const idBytes = lengthOf(head[0]);
    if (idBytes === undefined || idBytes > MOST_ID_BYTES) return undefined;
    const sizeBytes = lengthOf(head[idBytes]);
    if (sizeBytes === undefined || idBytes + sizeBytes > head.length) return undefined;
    const size = sizeIn(head.subarray(idBytes, idBytes + sizeBytes));
    const id = head.readUIntBE(0, idBytes);
    return { id, start, contentStart: start + idBytes + sizeBytes, size };
  }

  private async head(start: number): Promise<Buffer> {
    const bytes = MOST_ID_BYTES + MOST_SIZE_BYTES;
    const isThere =
      start >= this.windowStart && start + bytes <= this.windowStart + this.windowBytes;
    if (!isThere) {
      const { bytesRead } = await this.file.read(this.window, 0, WINDOW_BYTES, start);
      this.windowStart = start;
      this.windowBytes = bytesRead;
    }
    const from = start - this.windowStart;
    return this.window.subarray(from, Math.min(from + bytes, this.windowBytes));
  }
}

/** How many bytes a number has, by the first of them. */
function lengthOf(first: number | undefined): number | undefined {
  return first === undefined || first === 0 ? undefined : Math.clz32(first) - 23;
}

/** `undefined` where it is said to be unknown. */
function sizeIn(bytes: Buffer): number | undefined {
  const marker = 1 << (8 - bytes.length);
  let size = bytes.readUInt8(0) & (marker - 1);
  let isUnknown = size === marker - 1;
  for (const byte of bytes.subarray(1)) {
    size = size * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? undefined : size;
}

/** The head of an element that takes a space and says nothing. */
function voidHead(bytes: number): Buffer {
  const sizeBytes = bytes > MOST_SIZE_BYTES ? MOST_SIZE_BYTES : 1;
  const head = Buffer.alloc(1 + sizeBytes);
  head.writeUInt8(VOID, 0);
  const contentBytes = bytes - head.length;
  if (sizeBytes === 1) head.writeUInt8(0x80 | contentBytes, 1);
  else head.writeBigUInt64BE((1n << 56n) | BigInt(contentBytes), 1);
  return head;
}

/** The elements of a WebM or Matroska file that hold notes. */
export async function matroskaNotes(file: FileHandle, end: number): Promise<Note[]> {
  const reader = new ElementReader(file);
  const notes: Note[] = [];
  for (let at = 0; at < end;) {
    const element = await reader.at(at);
    if (!element) break;
    const { id, start, contentStart, size } = element;
    const isHolder = id === SEGMENT || id === INFO || (id === CLUSTER && size === undefined);
    if (isHolder) {
      at = contentStart;
      continue;
    }
    if (size === undefined) break;
    const elementEnd = Math.min(contentStart + size, end);
    if (NOTES.has(id)) {
      const head = voidHead(elementEnd - start);
      notes.push({ contentStart: start + head.length, end: elementEnd, head, headAt: start });
    }
    at = elementEnd;
  }
  return notes;
}
