import type { Verification } from '../generator/contract.js';
import type { Repetition } from '../repetition.js';
import type { DurableFigures, TransactionFigures } from '../scenarios/durable.js';
import type { GroupFigures } from '../scenarios/groups.js';
import {
  deliveredLine,
  describeRefusals,
  describeSpread,
  percent,
  spreadText,
  storedLine,
  whole,
} from './parts.js';
import { table } from './table.js';

const CPU_HEADER = ['server CPU s', 'PostgreSQL CPU s', 'generator CPU s', 'server'];

/** CPU seconds of each process, and the share of the time in which the server had its core. */
function cpuCells(repetition: Repetition): string[] {
  const { serverCpuSeconds, databaseCpuSeconds, generatorCpuSeconds, serverBusy } = repetition;
  return [
    serverCpuSeconds.toFixed(2),
    databaseCpuSeconds > 0 ? databaseCpuSeconds.toFixed(2) : '-',
    generatorCpuSeconds.toFixed(2),
    percent(serverBusy),
  ];
}

/** Ours and the reference, repetition by repetition as they ran. */
function inTurn(
  own: readonly string[][],
  reference: readonly string[][],
): readonly (readonly string[])[] {
  return own.flatMap((row, index) => {
    const other = reference[index];
    return other ? [row, other] : [row];
  });
}

function durableRow(name: string, index: number, repetition: Repetition): string[] {
  const { delivered, databaseCpuSeconds } = repetition;
  return [
    `${name} ${index + 1}`,
    whole(repetition.perSecond),
    delivered > 0 ? whole(repetition.deliveriesPerSecond) : '-',
    ...cpuCells(repetition),
    whole(repetition.perServerCore),
    databaseCpuSeconds > 0 ? whole(repetition.perServerAndDatabaseCore) : '-',
  ];
}

function describeTransactions({ sends, committed }: TransactionFigures): string {
  if (committed === undefined) {
    return '  sends per transaction: not known (one repetition, or no access to the database)\n';
  }
  return (
    `  ${whole(sends)} sends in ${whole(committed)} transactions after the first repetition ` +
    `(pg_stat_database.xact_commit): ${(sends / committed).toFixed(1)} each\n`
  );
}

export function describeDurable(
  figures: DurableFigures,
  verification: Verification | undefined,
): string {
  const { durable, raw, ratio, total, transactions } = figures;
  const rowsOf = (name: string, repetitions: readonly Repetition[]): string[][] =>
    repetitions.map((repetition, index) => durableRow(name, index, repetition));
  const header = [
    '',
    'msg/s',
    'deliveries/s',
    ...CPU_HEADER,
    'msg/s per server core',
    'per server+db core',
  ];
  const perCore = (repetitions: readonly Repetition[]): string =>
    spreadText(
      repetitions.map(({ perServerCore }) => perServerCore),
      whole,
    );
  return (
    '\nDurable 1:1 and raw Socket.IO echo, in turn\n' +
    table(header, inTurn(rowsOf('durable', durable), rowsOf('raw', raw))) +
    `  per server core: durable ${perCore(durable)}, raw ${perCore(raw)}\n` +
    `  RATIO durable / raw: ${describeSpread(ratio, (value) => value.toFixed(3))}\n` +
    storedLine(verification) +
    deliveredLine(total) +
    describeRefusals(total) +
    describeTransactions(transactions)
  );
}

function groupRow(name: string, index: number, repetition: Repetition): string[] {
  return [
    `${name} ${index + 1}`,
    whole(repetition.perSecond),
    whole(repetition.deliveriesPerSecond),
    ...cpuCells(repetition),
    whole(repetition.deliveriesPerServerCore),
  ];
}

export function describeGroups(figures: GroupFigures): string {
  const { members, groups, outstanding, natter, raw, ratio, total, verification } = figures;
  const rowsOf = (name: string, repetitions: readonly Repetition[]): string[][] =>
    repetitions.map((repetition, index) => groupRow(name, index, repetition));
  const header = ['', 'msg/s', 'deliveries/s', ...CPU_HEADER, 'deliveries/s per server core'];
  const to = groups === 1 ? 'one group' : `${groups} groups`;
  return (
    `\nStored messages to ${to} of ${whole(members)} and raw Socket.IO broadcast, in turn, ` +
    `${outstanding} messages on their way\n` +
    table(header, inTurn(rowsOf('Natter', natter), rowsOf('raw', raw))) +
    `  RATIO of the deliveries per server core, Natter / raw: ${describeSpread(ratio, (value) => value.toFixed(3))}\n` +
    storedLine(verification) +
    deliveredLine(total) +
    describeRefusals(total)
  );
}
