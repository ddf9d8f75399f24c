import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const KEY_BYTES = 16;
const READ_BYTES = 65_536;
const CLOSE_TIMEOUT_MS = 10_000;
const HEAD_END = '\r\n\r\n';

const FINAL_TEXT = 0x81;
const CLOSE = 0x88;
const MASKED = 0x80;
/** A length that follows in two bytes, and one that follows in eight. */
const SHORT_LENGTH = 126;
const LONG_LENGTH = 127;
const SHORT_LIMIT = 0x10000;
/** A mask that changes nothing: masking protects proxies from browsers (RFC 6455, 10.3), and here are neither. */
const NO_MASK = '\0\0\0\0';

/** One for all connections: what was read is dealt with before the next one is read. */
const shared = Buffer.allocUnsafe(READ_BYTES);

/** The header of a frame of `length` bytes from a client, a character for each byte. */
function headerOf(opcode: number, length: number): string {
  if (length < SHORT_LENGTH) return String.fromCharCode(opcode, MASKED | length) + NO_MASK;
  if (length < SHORT_LIMIT) {
    const [high, low] = [length >>> 8, length & 0xff];
    return String.fromCharCode(opcode, MASKED | SHORT_LENGTH, high, low) + NO_MASK;
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return String.fromCharCode(opcode, MASKED | LONG_LENGTH) + bytes.toString('latin1') + NO_MASK;
}

function textFrame(text: string): string {
  const bytes = Buffer.byteLength(text);
  const payload = bytes === text.length ? text : Buffer.from(text).toString('latin1');
  return headerOf(FINAL_TEXT, bytes) + payload;
}

/** Where the payload of the frame at the start of `bytes` lies; nothing where its header is not complete. */
function payloadSpan(bytes: Buffer): { start: number; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const length = bytes.readUInt8(1);
  if (length < SHORT_LENGTH) return { start: 2, end: 2 + length };
  if (length === SHORT_LENGTH) {
    return bytes.length < 4 ? undefined : { start: 4, end: 4 + bytes.readUInt16BE(2) };
  }
  return bytes.length < 10 ? undefined : { start: 10, end: 10 + Number(bytes.readBigUInt64BE(2)) };
}

/** What a connection tells. */
export interface FrameListener {
  /** Each text, whose bytes are valid only during the call. */
  received(frame: Buffer): void;
  /** Once, at the end, whoever ended it; also where the server could not be reached, or answered with no upgrade. */
  closed(reason: string): void;
}

/**
 * A WebSocket (RFC 6455) of a client to servers on this machine, which send whole texts and nothing compressed. It does
 * next to nothing, as the generator shares a core with the database of the server that it measures.
 */
export class PlainWebSocket {
  private readonly socket: Socket;
  private isOpen = false;
  /** The beginning of what has not come completely. */
  private rest: Buffer | undefined;
  /** So many bytes must be there before it is worth another look. */
  private wanted = 0;
  private reason = 'the connection ended';

  private constructor(
    url: URL,
    private readonly listener: FrameListener,
  ) {
    this.socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => this.read(shared.subarray(0, length)),
      },
    });
    this.socket.on('error', (error) => this.cut(error.message));
    this.socket.on('close', () => this.listener.closed(this.reason));
    this.socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(KEY_BYTES).toString('base64')}${HEAD_END}`,
    );
  }

  /**
   * Answers at once; how it went, the listener is told.
   *
   * @param url `http:`, with its port.
   */
  static connect(url: URL, listener: FrameListener): PlainWebSocket {
    return new PlainWebSocket(url, listener);
  }

  /** Only after something was received, as the server speaks first; a connection that has ended takes nothing more. */
  send(text: string): void {
    if (this.socket.writable) this.socket.write(textFrame(text), 'latin1');
  }

  /** Ends the connection as an orderly client does; the server closes it. */
  close(): void {
    this.socket.end(headerOf(CLOSE, 0), 'latin1');
    const timer = setTimeout(() => this.cut('the server did not close'), CLOSE_TIMEOUT_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }

  /**
   * Ends the connection without a word.
   *
   * @param reason What the listener is told.
   */
  cut(reason = 'it was cut'): void {
    this.reason = reason;
    this.socket.destroy();
  }

  /** @returns that there is room for more, as the kernel is asked again at once. */
  private read(chunk: Buffer): true {
    let bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    this.rest = undefined;
    if (bytes.length >= this.wanted) bytes = this.take(bytes);
    // The buffer is shared: what stays has to be moved out of it.
    if (bytes.length > 0) this.rest = bytes.buffer === shared.buffer ? Buffer.from(bytes) : bytes;
    return true;
  }

  /** Hands on what is complete, and answers what is not. */
  private take(bytes: Buffer): Buffer {
    let left = this.isOpen ? bytes : this.takeHead(bytes);
    while (this.isOpen && !this.socket.destroyed) {
      const span = payloadSpan(left);
      this.wanted = span?.end ?? 0;
      if (!span || left.length < span.end) break;
      this.takeFrame(left.readUInt8(0), left.subarray(span.start, span.end));
      left = left.subarray(span.end);
      this.wanted = 0;
    }
    return left;
  }

  private takeHead(bytes: Buffer): Buffer {
    const end = bytes.indexOf(HEAD_END);
    if (end === -1) return bytes;
    const [, status = 'nothing that is HTTP'] = bytes.toString('latin1', 0, end).split(' ', 2);
    if (status === '101') {
      this.isOpen = true;
    } else {
      this.cut(`the server answered ${status}`);
    }
    return bytes.subarray(end + HEAD_END.length);
  }

  private takeFrame(opcode: number, payload: Buffer): void {
    if (opcode === FINAL_TEXT) {
      this.listener.received(payload);
    } else if (opcode === CLOSE) {
      const code = payload.length < 2 ? 'no code' : `code ${payload.readUInt16BE(0)}`;
      this.cut(`closed with ${code}`);
    } else {
      this.cut(`the server sent a frame of the unexpected kind ${opcode}`);
    }
  }
}
