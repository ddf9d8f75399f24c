import clsx from 'clsx';
import type { ReactNode } from 'react';

const BARS = 40;
const LEAST = 0.08;

/** Brings any number of peaks to as many bars as there is room for, the highest being one. */
export function barsOf(peaks: readonly number[], count = BARS): number[] {
  const highest = Math.max(...peaks, 0);
  if (highest === 0) return Array.from({ length: count }, () => LEAST);
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count));
    return Math.max(Math.max(...peaks.slice(from, to)) / highest, LEAST);
  });
}

/** How loud a recording is from its beginning to its end, and how much of it was heard. */
export function Waveform({
  peaks,
  heard,
}: {
  readonly peaks: readonly number[];
  /** From 0 to 1. */
  readonly heard: number;
}): ReactNode {
  const bars = barsOf(peaks);
  return (
    <span aria-hidden="true" className="flex h-8 items-center gap-0.5">
      {bars.map((height, index) => (
        <span
          key={`${index}`}
          className={clsx(
            'min-w-px grow rounded-full',
            index < heard * bars.length ? 'bg-brand-text' : 'bg-muted/45',
          )}
          style={{ height: `${height * 100}%` }}
        />
      ))}
    </span>
  );
}
