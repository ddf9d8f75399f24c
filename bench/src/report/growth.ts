import type { Repetition } from '../repetition.js';
import type { GrowthFigures, GrowthStep } from '../scenarios/growth.js';
import { spreadOf } from '../statistics.js';
import {
  deliveredLine,
  describeSpread,
  isDelivered,
  isStored,
  storedLine,
  whole,
} from './parts.js';
import { readNames, readTitles, wrongAnswers } from './reads.js';
import { table } from './table.js';

const MEBIBYTE = 1024 * 1024;
const MICROSECONDS = 1_000_000;

/** Whether all steps may be quoted. */
export function isGrowthValid({ steps }: GrowthFigures): boolean {
  return steps.every(
    ({ reads, total, verification }) =>
      wrongAnswers(reads).length === 0 && isDelivered(total) && isStored(verification),
  );
}

function readRow({ messages, reads }: GrowthStep, figure: 'p50Ms' | 'p99Ms'): string[] {
  const cells = readNames.map((name) => {
    const alone = reads.measurements.find(
      (measurement) => measurement.name === name && measurement.concurrency === 1,
    );
    return alone ? describeSpread(alone[figure], (ms) => ms.toFixed(2)) : '-';
  });
  return [`${whole(messages)}, ${figure === 'p50Ms' ? 'p50' : 'p99'}`, ...cells];
}

function sendRow({ messages, chats, databaseBytes, durable }: GrowthStep): string[] {
  const spread = (figure: (repetition: Repetition) => number, digits: number): string =>
    describeSpread(spreadOf(durable.map(figure)), (value) =>
      digits === 0 ? whole(value) : value.toFixed(digits),
    );
  return [
    whole(messages),
    whole(chats),
    `${whole(databaseBytes / MEBIBYTE)} MiB`,
    spread(({ perSecond }) => perSecond, 0),
    spread(({ perServerCore }) => perServerCore, 0),
    spread(
      ({ databaseCpuSeconds, acknowledged }) => (databaseCpuSeconds / acknowledged) * MICROSECONDS,
      1,
    ),
  ];
}

/** The figures of the growth as people read them. */
export function describeGrowth({ steps }: GrowthFigures): string {
  const voids = steps.flatMap(({ reads }) => wrongAnswers(reads));
  return (
    '\nReads by one person with 1,000 chats, one of them of 100,000 messages, while others write ever more (ms)\n' +
    table(
      ['messages', ...readNames.map((name) => readTitles[name])],
      steps.flatMap((step) => [readRow(step, 'p50Ms'), readRow(step, 'p99Ms')]),
    ) +
    (voids.length === 0
      ? '  every answer was right\n'
      : `  wrong answers, such as ${voids[0]}: VOID\n`) +
    '\nDurable 1:1 on the same tables\n' +
    table(
      ['messages', 'chats', 'database', 'msg/s', 'per server core', 'PostgreSQL CPU us each'],
      steps.map(sendRow),
    ) +
    steps.map(({ verification, total }) => storedLine(verification) + deliveredLine(total)).join('')
  );
}
