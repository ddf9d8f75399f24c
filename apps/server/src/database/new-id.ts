import { randomUUIDv7 } from 'node:crypto';
import type * as z from 'zod/mini';

/** A new UUIDv7 as an id of the given kind, such as `newId(ChatId)`. */
export function newId<T extends z.core.$ZodType>(_kind: T): z.output<T> {
  // The kind is a brand of TypeScript's alone, and the id is well-formed because it is ours: parsing it would cost
  // more than making it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return randomUUIDv7() as z.output<T>;
}
