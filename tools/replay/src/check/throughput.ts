import type { LedgerLine } from '../ledger/ledger-line.js';

export interface Throughput {
  readonly seconds: number;
  readonly messagesPerSecond: number;
}

/** Acknowledged messages over the time from the first call to the last acknowledgement, by the ledgers' clock. */
export function throughputOf(ledger: readonly LedgerLine[]): Throughput {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const acknowledged = new Set<string>();
  for (const { type, clientMessageId, monotonicMs } of ledger) {
    if (type === 'invoke') first = Math.min(first, monotonicMs);
    if (type !== 'ok') continue;
    last = Math.max(last, monotonicMs);
    acknowledged.add(clientMessageId);
  }
  if (acknowledged.size === 0) return { seconds: 0, messagesPerSecond: 0 };
  const seconds = (last - first) / 1000;
  return { seconds, messagesPerSecond: acknowledged.size / seconds };
}
