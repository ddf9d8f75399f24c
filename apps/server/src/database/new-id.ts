import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type * as z from 'zod/mini';

const BYTES_PER_ID = 16;
/** Random bytes are drawn for many ids at once: a call for each costs more than the id. */
const pool = new Uint8Array(BYTES_PER_ID * 256);
let used = pool.length;

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES_PER_ID;
  return pool.subarray(used - BYTES_PER_ID, used);
}

/** A new UUIDv7 as an id of the given kind, such as `newId(ChatId)`. */
export function newId<T extends z.core.$ZodType>(_kind: T): z.output<T> {
  // The kind is a brand of TypeScript's alone, and the id is well-formed because it is ours: parsing it would cost
  // more than making it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return v7({ rng: nextRandom }) as z.output<T>;
}
