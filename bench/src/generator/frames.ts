/**
 * The few frames of Engine.IO 4 and Socket.IO 5 that a load needs, as text over WebSocket. What comes in is told apart
 * by its first bytes and never parsed as JSON: on one core the generator must outrun the server that it measures.
 */
export type FrameKind =
  | 'opened'
  | 'ping'
  | 'connected'
  | 'refused'
  | 'newMessage'
  | 'acknowledgement'
  | 'otherEvent'
  | 'other';

export const PONG = '3';

const ZERO = 0x30;
const TWO = 0x32;
const THREE = 0x33;
const FOUR = 0x34;
const NINE = 0x39;
const OPENING_BRACKET = 0x5b;
const NEW_MESSAGE = Buffer.from('["newMessage"');
const ACCEPTED = Buffer.from('[{"ok":true');
const ID_KEY = Buffer.from('"id":"');
const SEQ_KEY = Buffer.from('"seq":');
const TEXT_KEY = Buffer.from('"text":"');
const CURSOR_KEY = Buffer.from('"cursor":"');
const HAS_MORE = Buffer.from('"hasMore":true');
const QUOTE = '"';
const UUID_LENGTH = 36;

function startsWith(frame: Buffer, expected: Buffer, offset: number): boolean {
  const end = offset + expected.length;
  return frame.length >= end && frame.compare(expected, 0, expected.length, offset, end) === 0;
}

export function kindOf(frame: Buffer): FrameKind {
  const engine = frame[0];
  if (engine === TWO) return 'ping';
  if (engine === ZERO) return 'opened';
  if (engine !== FOUR) return 'other';
  const packet = frame[1];
  if (packet === THREE) return 'acknowledgement';
  if (packet === TWO) return startsWith(frame, NEW_MESSAGE, 2) ? 'newMessage' : 'otherEvent';
  if (packet === ZERO) return 'connected';
  return packet === FOUR ? 'refused' : 'other';
}

/** The decimal number that begins at `offset`; 0 where there is none. */
function numberAt(frame: Buffer, offset: number): number {
  let value = 0;
  for (let index = offset; index < frame.length; index += 1) {
    const digit = frame[index];
    if (digit === undefined || digit < ZERO || digit > NINE) break;
    value = value * 10 + (digit - ZERO);
  }
  return value;
}

function numberAfter(frame: Buffer, key: Buffer): number | undefined {
  const found = frame.indexOf(key);
  return found === -1 ? undefined : numberAt(frame, found + key.length);
}

/** The number that the command carried whose answer this is. */
export function acknowledgedNumber(frame: Buffer): number {
  return numberAt(frame, 2);
}

/** Whether an acknowledgement says `ok: true`. */
export function isAccepted(frame: Buffer): boolean {
  const answer = frame.indexOf(OPENING_BRACKET);
  return answer !== -1 && startsWith(frame, ACCEPTED, answer);
}

/** The `seq` of the message in a frame. A text cannot fake the key: its quotes would be escaped. */
export function seqIn(frame: Buffer): number | undefined {
  return numberAfter(frame, SEQ_KEY);
}

/** The first id in a frame, which is that of the message. */
export function messageIdIn(frame: Buffer): string | undefined {
  const found = frame.indexOf(ID_KEY);
  if (found === -1) return undefined;
  const start = found + ID_KEY.length;
  return frame.toString('latin1', start, start + UUID_LENGTH);
}

/** The number that the text in a frame begins with. */
export function stampIn(frame: Buffer): number | undefined {
  return numberAfter(frame, TEXT_KEY);
}

/** How often something stands in a frame. */
export function countIn(frame: Buffer, wanted: Buffer): number {
  let count = 0;
  for (
    let found = frame.indexOf(wanted);
    found !== -1;
    found = frame.indexOf(wanted, found + wanted.length)
  ) {
    count += 1;
  }
  return count;
}

/** @throws where the frame is no answer to a `sync`. */
export function cursorIn(frame: Buffer): string {
  const found = frame.lastIndexOf(CURSOR_KEY);
  if (found === -1) throw new TypeError('the answer to a sync has a cursor');
  const start = found + CURSOR_KEY.length;
  return frame.toString('latin1', start, frame.indexOf(QUOTE, start));
}

/** Whether a page of entries is not the last of its run. */
export function hasMoreIn(frame: Buffer): boolean {
  return frame.lastIndexOf(HAS_MORE) !== -1;
}

/** The frame that asks for the default namespace, with what the handshake wants to know. */
export function connectFrame(auth: Readonly<Record<string, unknown>>): string {
  return `40${JSON.stringify(auth)}`;
}

/** A `sendMessage` that asks for an acknowledgement. The values must need no escaping in JSON. */
export function sendFrame(
  acknowledgementNumber: number,
  chatId: string,
  clientMessageId: string,
  text: string,
): string {
  return `42${acknowledgementNumber}["sendMessage",{"chatId":"${chatId}","clientMessageId":"${clientMessageId}","text":"${text}"}]`;
}
