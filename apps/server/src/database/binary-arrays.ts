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

const FIELD_BYTES = 4;
const HEADER_BYTES = 5 * FIELD_BYTES;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** How a value of one type is written; the form is the one that PostgreSQL's `typreceive` functions read. */
interface BinaryType<T> {
  readonly id: number;
  bytesOf(value: T): number;
  write(value: T, target: Buffer, offset: number): void;
}

/**
 * An array parameter in PostgreSQL's binary format, which the driver takes a `Buffer` for. PostgreSQL reads it in a part of
 * the time that it takes for the text of an array. Undefined elements are null; where all are, so is the array.
 */
function binaryArray<T>(type: BinaryType<T>, values: readonly (T | undefined)[]): Buffer | null {
  if (values.every((value) => value === undefined)) return null;
  const lengths = values.map((value) => (value === undefined ? NULL_LENGTH : type.bytesOf(value)));
  const bytes = lengths.reduce((sum, length) => sum + LENGTH_BYTES + Math.max(length, 0), 0);
  const target = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  const [dimensions, mayHaveNulls, firstIndex] = [1, 1, 1];
  const header = [dimensions, mayHaveNulls, type.id, values.length, firstIndex];
  for (const [place, field] of header.entries()) target.writeInt32BE(field, place * FIELD_BYTES);
  let offset = HEADER_BYTES;
  for (const [index, value] of values.entries()) {
    const length = lengths[index] ?? NULL_LENGTH;
    target.writeInt32BE(length, offset);
    offset += LENGTH_BYTES;
    if (value === undefined) continue;
    type.write(value, target, offset);
    offset += length;
  }
  return target;
}

const uuid: BinaryType<string> = {
  id: types.uuid,
  bytesOf: () => 16,
  write: (value, target, offset) => target.write(value.replaceAll('-', ''), offset, 'hex'),
};
const text: BinaryType<string> = {
  id: types.text,
  bytesOf: (value) => Buffer.byteLength(value),
  write: (value, target, offset) => target.write(value, offset),
};
const bytea: BinaryType<Buffer> = {
  id: types.bytea,
  bytesOf: (value) => value.length,
  write: (value, target, offset) => value.copy(target, offset),
};
const bool: BinaryType<boolean> = {
  id: types.bool,
  bytesOf: () => 1,
  write: (value, target, offset) => target.writeUInt8(value ? 1 : 0, offset),
};

const int8: BinaryType<number> = {
  id: types.int8,
  bytesOf: () => 8,
  write: (value, target, offset) => target.writeBigInt64BE(BigInt(value), offset),
};
/** PostgreSQL counts microseconds from 2000 on. */
const EPOCH_MS = Date.UTC(2000, 0);
const timestamptz: BinaryType<Date> = {
  id: types.timestamptz,
  bytesOf: () => 8,
  write: (value, target, offset) =>
    target.writeBigInt64BE(BigInt(value.getTime() - EPOCH_MS) * 1000n, offset),
};
const COUNT_BYTES = 4;
const tsvector: BinaryType<{ readonly count: number; readonly lexemes: string }> = {
  id: types.tsvector,
  bytesOf: ({ lexemes }) => COUNT_BYTES + Buffer.byteLength(lexemes),
  write: ({ count, lexemes }, target, offset) => {
    target.writeInt32BE(count, offset);
    target.write(lexemes, offset + COUNT_BYTES);
  },
};
/** Ends a lexeme, and says that none of its positions follow. */
const LEXEME_END = '\0\0\0';

export const uuidArray = (values: readonly (string | undefined)[]) => binaryArray(uuid, values);
export const textArray = (values: readonly (string | undefined)[]) => binaryArray(text, values);
export const byteaArray = (values: readonly (Buffer | undefined)[]) => binaryArray(bytea, values);
export const boolArray = (values: readonly (boolean | undefined)[]) => binaryArray(bool, values);
export const int8Array = (values: readonly (number | undefined)[]) => binaryArray(int8, values);
export const timestamptzArray = (values: readonly (Date | undefined)[]) =>
  binaryArray(timestamptz, values);
/** The lexemes of one vector, in any order, each of them once; all begin with the prefix. */
export interface Lexemes {
  readonly prefix: string;
  readonly rests: readonly string[];
}

/** In one piece: an index is made of dozens of lexemes for each message. */
function lexemesInBinary({ prefix, rests }: Lexemes): string {
  return rests.length === 0 ? '' : prefix + rests.join(LEXEME_END + prefix) + LEXEME_END;
}

export const tsvectorArray = (values: readonly (Lexemes | undefined)[]) =>
  binaryArray(
    tsvector,
    values.map((value) => value && { count: value.rests.length, lexemes: lexemesInBinary(value) }),
  );
