import type { RunCounts, Verification } from '../generator/contract.js';
import type { DiskFlush } from '../host.js';
import { type Spread, spreadOf } from '../statistics.js';

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The median, and in brackets the least and the greatest where they differ. */
export function describeSpread(
  { min, median, max }: Spread,
  format: (value: number) => string,
): string {
  if (format(min) === format(max)) return format(median);
  return `${format(median)} (${format(min)} to ${format(max)})`;
}

export function spreadText(values: readonly number[], format: (value: number) => string): string {
  return describeSpread(spreadOf(values), format);
}

/** Every acknowledged message is stored once and nothing else is: without that no rate means anything. */
export function isStored({ acknowledged, stored, unexpected }: Verification): boolean {
  return stored === acknowledged && unexpected === 0;
}

/** Every acknowledged message arrived at each other member, and none was refused. */
export function isDelivered({ due, delivered, refused }: RunCounts): boolean {
  return delivered === due && refused === 0;
}

export function storedLine(verification: Verification | undefined): string {
  if (!verification) return '  not verified: VOID\n';
  const { stored, acknowledged, unexpected } = verification;
  return (
    `  stored ${stored} of ${acknowledged} acknowledged, each once with its id and seq, ${unexpected} others` +
    `${isStored(verification) ? '' : ': VOID'}\n`
  );
}

export function deliveredLine({ due, delivered, otherEvents }: RunCounts): string {
  return (
    `  delivered ${delivered} of ${due} copies to the other members, beside ${otherEvents} other events` +
    `${delivered === due ? '' : ': VOID'}\n`
  );
}

/** Empty where nothing was refused. */
export function describeRefusals({ refused, refusal }: RunCounts): string {
  if (refused === 0) return '';
  const advice = refusal.includes('RATE_LIMITED') ? '; --rate-limits off lifts the limits' : '';
  return `  refused ${refused}, such as ${refusal}: VOID${advice}\n`;
}

export function flushLine({ p50Ms, p99Ms }: DiskFlush): string {
  return `  the disk alone: fdatasync p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms\n`;
}
