import type { LatencyFigures, Verification } from '../generator/contract.js';
import type { LatencyAtRate } from '../figures.js';
import { spreadText, storedLine, whole } from './parts.js';
import { table } from './table.js';

const ms = (value: number): string => value.toFixed(2);

export function describeLatency(
  rates: readonly LatencyAtRate[],
  verification: Verification | undefined,
): string {
  const rows = rates.map(({ ratePerSecond, repetitions }) => {
    const spread = (figure: (figures: LatencyFigures) => number, format = ms): string =>
      spreadText(repetitions.map(figure), format);
    const flushes = repetitions.map(({ flush }) => flush);
    return [
      `${whole(ratePerSecond)} msg/s`,
      spread(({ messages, seconds }) => messages / seconds, whole),
      spread(({ deliveryP50Ms }) => deliveryP50Ms),
      spread(({ deliveryP99Ms }) => deliveryP99Ms),
      spread(({ acknowledgementP50Ms }) => acknowledgementP50Ms),
      spread(({ acknowledgementP99Ms }) => acknowledgementP99Ms),
      spreadText(
        flushes.map(({ p50Ms }) => p50Ms),
        ms,
      ),
      spreadText(
        flushes.map(({ p99Ms }) => p99Ms),
        ms,
      ),
    ];
  });
  const header = [
    'ms',
    'sent/s',
    'delivery p50',
    'delivery p99',
    'ack p50',
    'ack p99',
    'fdatasync alone p50',
    'p99',
  ];
  return (
    '\nLatency of durable messages at a fixed rate\n' +
    table(header, rows) +
    storedLine(verification)
  );
}
