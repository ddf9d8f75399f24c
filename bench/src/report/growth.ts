import { costSpreadMs, wrongAnswersOf } from '../reads/measurement.js';
import type { GrowthFigures, GrowthStep } from '../scenarios/growth.js';
import type { Spread } from '../statistics.js';
import { describeGroupsStep, isGroupsStepValid, sendCostsUs } from './group-costs.js';
import {
  deliveredLine,
  describeRefusals,
  describeSpread,
  isDelivered,
  isStored,
  spreadText,
  storedLine,
  whole,
} from './parts.js';
import { readNames, readTitles } from './reads.js';
import { table } from './table.js';

const MEBIBYTE = 1024 * 1024;

/** Whether all steps may be quoted. */
export function isGrowthValid({ steps, groups }: GrowthFigures): boolean {
  return (
    steps.every(
      ({ reads, total, verification }) =>
        wrongAnswersOf(reads.measurements).length === 0 &&
        isDelivered(total) &&
        isStored(verification),
    ) && groups.every(isGroupsStepValid)
  );
}

type ReadFigure = 'p50' | 'p99' | 'server CPU' | 'PostgreSQL CPU';

function readRow({ messages, reads }: GrowthStep, figure: ReadFigure): string[] {
  const cells = readNames.map((name) => {
    const alone = reads.measurements.find(
      (measurement) => measurement.name === name && measurement.concurrency === 1,
    );
    if (!alone) return '-';
    const spreads: Readonly<Record<ReadFigure, Spread>> = {
      p50: alone.p50Ms,
      p99: alone.p99Ms,
      'server CPU': costSpreadMs(alone.repetitions, 'serverCpuSeconds'),
      'PostgreSQL CPU': costSpreadMs(alone.repetitions, 'databaseCpuSeconds'),
    };
    return describeSpread(spreads[figure], (ms) => ms.toFixed(2));
  });
  return [`${whole(messages)}, ${figure}`, ...cells];
}

function readTable(steps: readonly GrowthStep[], figures: readonly ReadFigure[]): string {
  return table(
    ['messages', ...readNames.map((name) => readTitles[name])],
    steps.flatMap((step) => figures.map((figure) => readRow(step, figure))),
  );
}

function sendRow({ messages, chats, databaseBytes, durable }: GrowthStep): string[] {
  const us = (cost: Spread): string => describeSpread(cost, (value) => value.toFixed(0));
  return [
    whole(messages),
    whole(chats),
    `${whole(databaseBytes / MEBIBYTE)} MiB`,
    spreadText(
      durable.map(({ perSecond }) => perSecond),
      whole,
    ),
    us(sendCostsUs(durable, 'serverCpuSeconds')),
    us(sendCostsUs(durable, 'databaseCpuSeconds')),
  ];
}

/** The figures of the growth as people read them. */
export function describeGrowth({ steps, groups }: GrowthFigures): string {
  const [wrong] = steps.flatMap(({ reads }) => wrongAnswersOf(reads.measurements));
  return (
    '\nReads by one person with 1,000 chats, one of them of 100,000 messages, while others write ever more: CPU ms for one answer\n' +
    readTable(steps, ['server CPU', 'PostgreSQL CPU']) +
    '\nThe same reads: ms until the answer\n' +
    readTable(steps, ['p50', 'p99']) +
    (wrong === undefined
      ? '  every answer was right\n'
      : `  wrong answers, such as ${wrong}: VOID\n`) +
    '\nDurable 1:1 on the same tables\n' +
    table(
      ['messages', 'chats', 'database', 'msg/s', 'server CPU us each', 'PostgreSQL CPU us each'],
      steps.map(sendRow),
    ) +
    steps
      .map(
        ({ verification, total }) =>
          storedLine(verification) + deliveredLine(total) + describeRefusals(total),
      )
      .join('') +
    groups.map(describeGroupsStep).join('')
  );
}
