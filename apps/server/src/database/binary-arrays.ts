/** The ids of types in `pg_type`, the same in every PostgreSQL. */
const types = {
  bool: 16,
  bytea: 17,
  int8: 20,
  text: 25,
  timestamptz: 1184,
  uuid: 2950,
  tsvector: 3614,
} as const;

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** How a value of one type is written; the form is the one that PostgreSQL's `typreceive` functions read. */
interface BinaryType<T> {
  readonly id: number;
  bytesOf(value: T): number;
  /** Returns where it ends. */
  write(value: T, target: Buffer, offset: number): number;
}

/**
 * An array parameter in PostgreSQL's binary format, which the driver takes a `Buffer` for. PostgreSQL reads it in a part of
 * the time that it takes for the text of an array. Undefined elements are null; where all are, so is the array.
 */
function binaryArray<T>(type: BinaryType<T>, values: readonly (T | undefined)[]): Buffer | null {
  const { length } = values;
  let bytes = HEADER_BYTES + length * LENGTH_BYTES;
  let isAllNull = true;
  for (const value of values) {
    if (value === undefined) continue;
    isAllNull = false;
    bytes += type.bytesOf(value);
  }
  if (isAllNull) return null;
  const target = Buffer.allocUnsafe(bytes);
  writeHeader(target, type.id, length);
  let offset = HEADER_BYTES;
  for (const value of values) {
    const start = offset + LENGTH_BYTES;
    const end = value === undefined ? start : type.write(value, target, start);
    target.writeInt32BE(value === undefined ? NULL_LENGTH : end - start, offset);
    offset = end;
  }
  return target;
}

function writeHeader(target: Buffer, elementType: number, length: number): void {
  const [dimensions, mayHaveNulls, firstIndex] = [1, 1, 1];
  let offset = target.writeInt32BE(dimensions, 0);
  offset = target.writeInt32BE(mayHaveNulls, offset);
  offset = target.writeInt32BE(elementType, offset);
  offset = target.writeInt32BE(length, offset);
  target.writeInt32BE(firstIndex, offset);
}

/** Of an integer that a number holds exactly; as a `BigInt` each would be one more thing to collect. */
function writeInt64(value: number, target: Buffer, offset: number): number {
  const high = Math.floor(value / 2 ** 32);
  return target.writeUInt32BE(value - high * 2 ** 32, target.writeInt32BE(high, offset));
}

const DASH = 0x2d;
const [ZERO, NINE, LETTER_A] = [0x30, 0x39, 0x61];
const TO_LOWER_CASE = 0x20;

function hexDigit(code: number): number {
  return code <= NINE ? code - ZERO : (code | TO_LOWER_CASE) - LETTER_A + 10;
}

const uuid: BinaryType<string> = {
  id: types.uuid,
  bytesOf: () => 16,
  write: (value, target, offset) => {
    let [from, to] = [0, offset];
    while (from < value.length) {
      if (value.charCodeAt(from) === DASH) from += 1;
      target[to] = hexDigit(value.charCodeAt(from)) * 16 + hexDigit(value.charCodeAt(from + 1));
      from += 2;
      to += 1;
    }
    return to;
  },
};
const text: BinaryType<string> = {
  id: types.text,
  bytesOf: (value) => Buffer.byteLength(value),
  write: (value, target, offset) => offset + target.write(value, offset),
};
const bytea: BinaryType<Buffer> = {
  id: types.bytea,
  bytesOf: (value) => value.length,
  write: (value, target, offset) => offset + value.copy(target, offset),
};
const bool: BinaryType<boolean> = {
  id: types.bool,
  bytesOf: () => 1,
  write: (value, target, offset) => target.writeUInt8(value ? 1 : 0, offset),
};

const int8: BinaryType<number> = {
  id: types.int8,
  bytesOf: () => 8,
  write: writeInt64,
};
/** PostgreSQL counts microseconds from 2000 on. */
const EPOCH_MS = Date.UTC(2000, 0);
const timestamptz: BinaryType<Date> = {
  id: types.timestamptz,
  bytesOf: () => 8,
  write: (value, target, offset) => writeInt64((value.getTime() - EPOCH_MS) * 1000, target, offset),
};
const COUNT_BYTES = 4;
const tsvector: BinaryType<{ readonly count: number; readonly lexemes: string }> = {
  id: types.tsvector,
  bytesOf: ({ lexemes }) => COUNT_BYTES + Buffer.byteLength(lexemes),
  write: ({ count, lexemes }, target, offset) => {
    const start = target.writeInt32BE(count, offset);
    return start + target.write(lexemes, start);
  },
};

export const uuidArray = (values: readonly (string | undefined)[]) => binaryArray(uuid, values);
export const textArray = (values: readonly (string | undefined)[]) => binaryArray(text, values);
export const byteaArray = (values: readonly (Buffer | undefined)[]) => binaryArray(bytea, values);
export const boolArray = (values: readonly (boolean | undefined)[]) => binaryArray(bool, values);
export const int8Array = (values: readonly (number | undefined)[]) => binaryArray(int8, values);
export const timestamptzArray = (values: readonly (Date | undefined)[]) =>
  binaryArray(timestamptz, values);
/** The lexemes of one vector, in any order, each with its positions; all begin with the prefix. */
export interface Lexemes {
  readonly prefix: string;
  /** The positions, ascending, are the UTF-16 units of a string: from 1 up to 127, one byte each, and at most as many. */
  readonly rests: ReadonlyMap<string, string>;
}

/** A lexeme ends with a zero; the number of positions and each of them take two bytes. */
function lexemesInBinary({ prefix, rests }: Lexemes): string {
  let lexemes = '';
  for (const [rest, positions] of rests) {
    const count = String.fromCharCode(positions.length);
    const each = positions.length === 1 ? positions : positions.split('').join('\0');
    lexemes += `${prefix}${rest}\0\0${count}\0${each}`;
  }
  return lexemes;
}

export const tsvectorArray = (values: readonly (Lexemes | undefined)[]) =>
  binaryArray(
    tsvector,
    values.map((value) => value && { count: value.rests.size, lexemes: lexemesInBinary(value) }),
  );
