import type * as z from 'zod/mini';
import { v7 } from 'uuid';

/** A new UUIDv7 as an id of the given kind, such as `newId(ChatId)`. */
export function newId<T extends z.core.$ZodType>(
  kind: T & { parse(value: unknown): z.output<T> },
): z.output<T> {
  return kind.parse(v7());
}
