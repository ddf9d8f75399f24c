import type { Repetition } from '../repetition.js';
import { costSpreadMs, type CpuFigure, wrongAnswersOf } from '../reads/measurement.js';
import type { GroupCosts } from '../scenarios/group-costs.js';
import type { GroupsStep } from '../scenarios/growth.js';
import { type Spread, spreadOf } from '../statistics.js';
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
import { table } from './table.js';

const MICROSECONDS = 1_000_000;

/** CPU time for one message, from the send to all deliveries, in each repetition by itself. */
export function sendCostsUs(repetitions: readonly Repetition[], figure: CpuFigure): Spread {
  return spreadOf(
    repetitions.map((repetition) => (repetition[figure] / repetition.acknowledged) * MICROSECONDS),
  );
}

/** CPU time of the server for one copy of a message, storing included. */
export function deliveryCostsUs(repetitions: readonly Repetition[]): Spread {
  return spreadOf(
    repetitions.map(({ deliveriesPerServerCore }) => MICROSECONDS / deliveriesPerServerCore),
  );
}

/** Whether what groups cost may be quoted. */
export function isGroupsStepValid({ groups }: GroupsStep): boolean {
  return groups.every(
    ({ total, verification, reads }) =>
      isDelivered(total) && isStored(verification) && wrongAnswersOf(reads).length === 0,
  );
}

function sendRow({ members, groups, people, sends }: GroupCosts): string[] {
  const spread = (figure: (repetition: Repetition) => number): string =>
    spreadText(sends.map(figure), whole);
  return [
    whole(members),
    whole(people),
    whole(members * groups),
    spread(({ perSecond }) => perSecond),
    spread(({ deliveriesPerSecond }) => deliveriesPerSecond),
    spread(({ deliveriesPerServerCore }) => deliveriesPerServerCore),
    describeSpread(deliveryCostsUs(sends), (us) => us.toFixed(1)),
    describeSpread(sendCostsUs(sends, 'databaseCpuSeconds'), whole),
  ];
}

function readRow({ members, reads, comings }: GroupCosts): string[] {
  const ms = (value: number): string => value.toFixed(2);
  const cells = reads.flatMap(({ p50Ms, repetitions }) => [
    ms(p50Ms.median),
    ms(costSpreadMs(repetitions, 'serverCpuSeconds').median),
    ms(costSpreadMs(repetitions, 'databaseCpuSeconds').median),
  ]);
  const { addedP50Ms, leftP50Ms, serverMs, databaseMs } = comings;
  return [whole(members), ...cells, ...[addedP50Ms, leftP50Ms, serverMs, databaseMs].map(ms)];
}

/** What groups cost when the table was so large, as people read it. */
export function describeGroupsStep(step: GroupsStep): string {
  const { messages, groups } = step;
  const [wrong] = groups.flatMap(({ reads }) => wrongAnswersOf(reads));
  return (
    `\nStored messages to groups over as many connections as there are members, ${whole(messages)} messages in the table\n` +
    table(
      [
        'members',
        'people',
        'connections',
        'msg/s',
        'deliveries/s',
        'per server core',
        'server CPU us a delivery',
        'PostgreSQL CPU us a message',
      ],
      groups.map(sendRow),
    ) +
    groups
      .map(
        ({ verification, total }) =>
          storedLine(verification) + deliveredLine(total) + describeRefusals(total),
      )
      .join('') +
    '\nPages of 50 in these groups, and one who leaves and is added again, with nobody connected (ms)\n' +
    table(
      [
        'members',
        'newest page p50',
        'server CPU',
        'PostgreSQL CPU',
        'members p50',
        'server CPU',
        'PostgreSQL CPU',
        'added p50',
        'left p50',
        'server CPU of both',
        'PostgreSQL CPU of both',
      ],
      groups.map(readRow),
    ) +
    (wrong === undefined
      ? '  every answer was right\n'
      : `  wrong answers, such as ${wrong}: VOID\n`)
  );
}
