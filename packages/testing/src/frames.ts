/** One WebSocket frame as it is on the wire. */
export interface Frame {
  readonly bytes: Buffer;
  /** What it says, where it is text in one piece. */
  readonly text: string | undefined;
}

const TEXT = 0x81;
const MASKED = 0x80;

function unmasked(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}

/** The first frame of what came so far; `undefined` where it is not whole yet. */
function firstFrame(buffer: Buffer): Frame | undefined {
  if (buffer.length < 2) return undefined;
  const second = buffer.readUInt8(1);
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const maskBytes = second & MASKED ? 4 : 0;
  const start = 2 + lengthBytes + maskBytes;
  if (buffer.length < start) return undefined;
  const length =
    lengthBytes === 8
      ? Number(buffer.readBigUInt64BE(2))
      : lengthBytes === 2
        ? buffer.readUInt16BE(2)
        : short;
  if (buffer.length < start + length) return undefined;
  const bytes = Buffer.from(buffer.subarray(0, start + length));
  const payload = bytes.subarray(start);
  const plain = maskBytes > 0 ? unmasked(payload, bytes.subarray(start - 4, start)) : payload;
  return { bytes, text: bytes.readUInt8(0) === TEXT ? plain.toString() : undefined };
}

/** Cuts what comes of a WebSocket into its frames. */
export class FrameCutter {
  private rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = firstFrame(this.rest); frame; frame = firstFrame(this.rest)) {
      frames.push(frame);
      this.rest = this.rest.subarray(frame.bytes.length);
    }
    return frames;
  }
}
