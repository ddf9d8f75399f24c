/** Entries `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The ranges with one more: ascending, and apart by at least one entry. */
export function withRange(ranges: readonly Range[], range: Range): readonly Range[] {
  if (range.to < range.from) return ranges;
  let { from, to } = range;
  const apart: Range[] = [];
  for (const other of ranges) {
    if (other.to < from - 1 || other.from > to + 1) {
      apart.push(other);
    } else {
      from = Math.min(from, other.from);
      to = Math.max(to, other.to);
    }
  }
  return [...apart, { from, to }].toSorted((a, b) => a.from - b.from);
}
