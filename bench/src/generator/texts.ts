const STAMP_DIGITS = 12;
const MICROSECONDS_PER_MS = 1000;

/** Words as people write them, so that indexes of words have their ordinary work; nothing here needs escaping in JSON. */
const PROSE =
  'Shall we meet at the station around noon? The early train was late again, so I would rather take the bus; ' +
  'bring the blue folder and the keys, please, and tell Marta that the room on the second floor is free until four. ';

const fillers = new Map<number, string>();

function fillerOf(bytes: number): string {
  const filler =
    fillers.get(bytes) ??
    PROSE.repeat(Math.ceil(bytes / PROSE.length))
      .slice(0, bytes)
      .trimEnd();
  fillers.set(bytes, filler);
  return filler;
}

/** A text of about `bytes` bytes that begins with its time of sending, for `stampIn`. */
export function textOf(sentAtMs: number, bytes: number): string {
  const stamp = String(Math.round(sentAtMs * MICROSECONDS_PER_MS)).padStart(STAMP_DIGITS, '0');
  return `${stamp} ${fillerOf(bytes - STAMP_DIGITS - 1)}`;
}

export function sentAtMsOf(stamp: number): number {
  return stamp / MICROSECONDS_PER_MS;
}
