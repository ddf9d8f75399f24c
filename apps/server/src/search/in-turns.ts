import { setImmediate as nextTurn } from 'node:timers/promises';

/** Text after which other work of the node has its turn, in UTF-16 units: some tens of milliseconds at most. */
const TURN_UNITS = 10_000;

/** Reads the text of each item, in their order. */
export async function readInTurns<T extends { readonly text: string | null }>(
  items: Iterable<T>,
  read: (item: T) => void,
): Promise<void> {
  let units = 0;
  for (const item of items) {
    read(item);
    units += item.text?.length ?? 0;
    if (units < TURN_UNITS) continue;
    units = 0;
    await nextTurn();
  }
}

/** What is made of each item by reading its text; resolves with all, in their order. */
export async function mapInTurns<T extends { readonly text: string | null }, R>(
  items: Iterable<T>,
  read: (item: T) => R,
): Promise<R[]> {
  const results: R[] = [];
  await readInTurns(items, (item) => results.push(read(item)));
  return results;
}
