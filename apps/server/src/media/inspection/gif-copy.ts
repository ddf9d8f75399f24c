import { JobError } from './job-error.ts';

const HEADER_BYTES = 6;
const SCREEN_BYTES = 7;
const IMAGE_BYTES = 10;
const COLOUR_BYTES = 3;
const TRAILER = 0x3b;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** The applications whose blocks say how often an animation runs; no others are known to viewers. */
const LOOPS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);
const LOOP_BLOCK_BYTES = 19;

/**
 * A GIF with its pictures and their timing alone: without comments, without what applications noted, and without what
 * stands behind its end. To decode and encode an animation would take minutes.
 *
 * @throws {JobError} where its blocks do not follow one another as they have to.
 */
export function copyGif(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  const reader = new BlockReader(bytes);
  kept.push(reader.take(HEADER_BYTES), ...reader.takeScreen());
  for (let block = reader.next(); block !== undefined && block !== TRAILER; block = reader.next()) {
    if (block === IMAGE) kept.push(reader.takeImage());
    else if (block === EXTENSION) kept.push(reader.takeExtension());
    else throw broken();
  }
  // Many that are shown everywhere have no trailer.
  kept.push(Buffer.from([TRAILER]));
  return Buffer.concat(kept);
}

function broken(): JobError {
  return new JobError('unreadable', 'the blocks of the GIF are broken');
}

/** How many bytes a table of colours takes, by the flags that announce it. */
function colourTableBytes(flags: number): number {
  return flags & 0x80 ? COLOUR_BYTES << ((flags & 0x07) + 1) : 0;
}

class BlockReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The kind of the next block, which is not taken; `undefined` at the end of the file. */
  next(): number | undefined {
    return this.bytes[this.at];
  }

  take(count: number): Buffer {
    if (this.at + count > this.bytes.length) throw broken();
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  takeScreen(): Buffer[] {
    const screen = this.take(SCREEN_BYTES);
    return [screen, this.take(colourTableBytes(screen.readUInt8(4)))];
  }

  takeImage(): Buffer {
    const start = this.at;
    const head = this.take(IMAGE_BYTES);
    this.take(colourTableBytes(head.readUInt8(IMAGE_BYTES - 1)));
    // How many bits the first code has.
    this.take(1);
    this.skipParts();
    return this.bytes.subarray(start, this.at);
  }

  /** Empty where it is to be left out. */
  takeExtension(): Buffer {
    const start = this.at;
    const label = this.take(2).readUInt8(1);
    this.skipParts();
    const extension = this.bytes.subarray(start, this.at);
    const isKept =
      label === GRAPHIC_CONTROL || (label === APPLICATION && saysHowOftenItRuns(extension));
    return isKept ? extension : Buffer.alloc(0);
  }

  private skipParts(): void {
    for (let size = this.take(1).readUInt8(); size > 0; size = this.take(1).readUInt8()) {
      this.take(size);
    }
  }
}

function saysHowOftenItRuns(extension: Buffer): boolean {
  return extension.length === LOOP_BLOCK_BYTES && LOOPS.has(extension.toString('latin1', 3, 14));
}
