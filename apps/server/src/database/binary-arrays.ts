/** The ids of types in `pg_type`, the same in every PostgreSQL. */
const types = { bool: 16, bytea: 17, text: 25, uuid: 2950 } as const;

const HEADER_BYTES = 20;
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
  let bytes = HEADER_BYTES;
  let nulls = 0;
  for (const value of values) {
    bytes += LENGTH_BYTES;
    if (value === undefined) nulls += 1;
    else bytes += type.bytesOf(value);
  }
  if (nulls === values.length) return null;
  const target = Buffer.allocUnsafe(bytes);
  target.writeInt32BE(1, 0);
  target.writeInt32BE(nulls > 0 ? 1 : 0, 4);
  target.writeInt32BE(type.id, 8);
  target.writeInt32BE(values.length, 12);
  target.writeInt32BE(1, 16);
  let offset = HEADER_BYTES;
  for (const value of values) {
    const length = value === undefined ? NULL_LENGTH : type.bytesOf(value);
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

export const uuidArray = (values: readonly (string | undefined)[]) => binaryArray(uuid, values);
export const textArray = (values: readonly (string | undefined)[]) => binaryArray(text, values);
export const byteaArray = (values: readonly (Buffer | undefined)[]) => binaryArray(bytea, values);
export const boolArray = (values: readonly (boolean | undefined)[]) => binaryArray(bool, values);
