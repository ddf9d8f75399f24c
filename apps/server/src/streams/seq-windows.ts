/** A part of a chat's stream; both bounds are outside of it. */
export interface Window {
  readonly above: number;
  readonly below: number;
  /** Whether nothing is left of the stream in this direction. */
  readonly isLast: boolean;
}

/** Beyond every `seq`: what has been sent since the head was read is in a window that ends here. */
export const PAST_HEAD = Number.MAX_SAFE_INTEGER;

/** How many entries of the stream the first window has for each message that is wanted; the others are edits and the like. */
const ENTRIES_EACH = 1.25;
const FEWEST_ENTRIES = 8;
/** How many times as large as the one before each window is. */
const GROWTH = 8;

function sizeFor(wanted: number): number {
  return Math.max(Math.ceil(wanted * ENTRIES_EACH), FEWEST_ENTRIES);
}

/**
 * Windows from `below` down to the beginning of a stream, in which that many messages are looked for until they are
 * found. Each is read by its index whatever PostgreSQL knows of the table: of an open range of a chat it may take sorting
 * all of it for cheaper than walking, above all before it has first analyzed the table.
 *
 * @param lastSeq The head of the stream.
 */
export function* windowsDown(
  below: number,
  lastSeq: number,
  wanted: number,
): Generator<Window, undefined> {
  let size = sizeFor(wanted);
  let end = below;
  for (;;) {
    const above = Math.max(Math.min(end, lastSeq + 1) - 1 - size, 0);
    const isLast = above === 0;
    yield { above, below: end, isLast };
    if (isLast) return;
    end = above + 1;
    size *= GROWTH;
  }
}

/** The same from `above` up to the head of the stream, with what has come to it since. */
export function* windowsUp(
  above: number,
  lastSeq: number,
  wanted: number,
): Generator<Window, undefined> {
  let size = sizeFor(wanted);
  let begin = above;
  for (;;) {
    const below = begin + 1 + size;
    const isLast = below > lastSeq;
    yield { above: begin, below: isLast ? PAST_HEAD : below, isLast };
    if (isLast) return;
    begin = below - 1;
    size *= GROWTH;
  }
}
