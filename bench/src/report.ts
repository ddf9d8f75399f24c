import type { Verification } from './generator/contract.js';
import type { Figures, LatencyAtRate } from './run.js';
import type { Repetition } from './repetition.js';
import type { DurableFigures, TransactionFigures } from './scenarios/durable.js';
import type { GroupFigures } from './scenarios/groups.js';
import type { IdleFigures } from './scenarios/idle.js';
import type { Placement } from './processes/placement.js';
import { describeLogins } from './report-logins.js';
import { describeBaselines, isTutorialStored } from './report-baselines.js';
import { describeReads, wrongAnswers } from './report-reads.js';
import { describeStorm, isCaughtUp } from './report-storm.js';
import {
  deliveredLine,
  describeRefusals,
  describeSpread,
  isDelivered,
  isStored,
  spreadText,
  storedLine,
  whole,
} from './report-parts.js';
import type { Affinities } from './stage.js';
import { table } from './table.js';

const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Whether the figures may be quoted. */
export function isValid({
  durable,
  baselines,
  verification,
  groups = [],
  reads,
  storm,
  logins,
}: Figures): boolean {
  const verifications = [
    verification,
    logins?.verification,
    ...groups.map((load) => load.verification),
  ];
  const totals = [
    durable?.total,
    baselines?.total,
    logins?.total,
    ...groups.map(({ total }) => total),
  ];
  return (
    verifications.every((found) => !found || isStored(found)) &&
    totals.every((total) => !total || isDelivered(total)) &&
    (!reads || wrongAnswers(reads).length === 0) &&
    (!storm || isCaughtUp(storm)) &&
    (!baselines || isTutorialStored(baselines))
  );
}

function describeAffinities(found: Affinities, { cores }: Placement): string {
  const { natter, rawEcho, generator, database } = found;
  const isAsAsked =
    !cores ||
    ([natter, rawEcho].every((list) => list === String(cores.server)) &&
      [generator, database].every((list) => list === String(cores.generator)));
  const remark = isAsAsked ? '' : ': NOT AS ASKED';
  return (
    `found: Natter on ${natter}, raw echo on ${rawEcho}, generator on ${generator}, ` +
    `the ${found.databaseProcesses} processes of PostgreSQL on ${database}${remark}`
  );
}

function describeSetting({
  host,
  placement,
  priority,
  configuration,
  durable,
  logins,
}: Figures): string {
  const { cores } = placement;
  const exception = logins ? ' (in the logins scenario nothing is pinned)' : '';
  const lines = [
    `Node ${host.node}, ${host.cores} cores (${host.model}), Linux ${host.kernel}, load ${host.loadAtStart.toFixed(1)} at the start`,
    cores
      ? `asked: server on core ${cores.server}; generator and PostgreSQL on core ${cores.generator}${exception}`
      : `nothing is pinned: ${placement.obstacle}`,
    ...(durable ? [describeAffinities(durable.affinities, placement)] : []),
    `${configuration.pairs} pairs, bodies of ${configuration.bodyBytes} bytes, ${configuration.outstanding} messages on their way ` +
      `(raw: ${configuration.rawOutstanding}), rate limits ${configuration.rateLimits}`,
    `at most ${whole(host.openFiles)} open files a process; priority ${priority}`,
    ...(host.dataInMemory ? ['THE DATA FOLDER IS IN RAM: flushes to disk cost nothing here'] : []),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function repetitionRow(name: string, index: number, repetition: Repetition): string[] {
  const { perSecond, delivered, seconds, serverCpuSeconds, databaseCpuSeconds } = repetition;
  const hasDatabase = databaseCpuSeconds > 0;
  return [
    `${name} ${index + 1}`,
    whole(perSecond),
    delivered > 0 ? whole(repetition.deliveriesPerSecond) : '-',
    serverCpuSeconds.toFixed(2),
    percent(repetition.serverBusy),
    percent(repetition.generatorBusy),
    hasDatabase ? percent(databaseCpuSeconds / seconds) : '-',
    whole(repetition.perServerCore),
    hasDatabase ? whole(repetition.perServerAndDatabaseCore) : '-',
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

function describeDurable(figures: DurableFigures, verification: Verification | undefined): string {
  const { durable, raw, ratio, total, transactions } = figures;
  const rows = durable.flatMap((repetition, index) => {
    const echo = raw[index];
    const row = repetitionRow('durable', index, repetition);
    return echo ? [row, repetitionRow('raw', index, echo)] : [row];
  });
  const header = [
    '',
    'msg/s',
    'deliveries/s',
    'server CPU s',
    'server',
    'generator',
    'PostgreSQL',
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
    table(header, rows) +
    `  per server core: durable ${perCore(durable)}, raw ${perCore(raw)}\n` +
    `  RATIO durable / raw: ${describeSpread(ratio, (value) => value.toFixed(3))}\n` +
    storedLine(verification) +
    deliveredLine(total) +
    describeRefusals(total) +
    describeTransactions(transactions)
  );
}

function describeLatency(
  rates: readonly LatencyAtRate[],
  verification: Verification | undefined,
): string {
  const rows = rates.map((figures) => [
    `${whole(figures.ratePerSecond)} msg/s`,
    whole(figures.messages / figures.seconds),
    figures.deliveryP50Ms.toFixed(2),
    figures.deliveryP99Ms.toFixed(2),
    figures.acknowledgementP50Ms.toFixed(2),
    figures.acknowledgementP99Ms.toFixed(2),
    figures.flush.p50Ms.toFixed(2),
    figures.flush.p99Ms.toFixed(2),
  ]);
  const header = [
    'ms',
    'came',
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

function describeGroups(figures: GroupFigures): string {
  const { members, groups, outstanding, natter, raw, ratio, total, verification } = figures;
  const row = (name: string, index: number, repetition: Repetition): string[] => [
    `${name} ${index + 1}`,
    whole(repetition.perSecond),
    whole(repetition.deliveriesPerSecond),
    repetition.serverCpuSeconds.toFixed(2),
    percent(repetition.serverBusy),
    percent(repetition.generatorBusy),
    whole(repetition.deliveriesPerServerCore),
  ];
  const rows = natter.flatMap((repetition, index) => {
    const reference = raw[index];
    const own = row('Natter', index, repetition);
    return reference ? [own, row('raw', index, reference)] : [own];
  });
  const header = [
    '',
    'msg/s',
    'deliveries/s',
    'server CPU s',
    'server',
    'generator',
    'deliveries/s per server core',
  ];
  return (
    `\nStored messages to ${groups === 1 ? 'one group' : `${groups} groups`} of ${whole(members)} and raw Socket.IO broadcast, in turn, ${outstanding} messages on their way\n` +
    table(header, rows) +
    `  RATIO of the deliveries per server core, Natter / raw: ${describeSpread(ratio, (value) => value.toFixed(3))}\n` +
    storedLine(verification) +
    deliveredLine(total) +
    describeRefusals(total)
  );
}

function idleRow(name: string, figures: IdleFigures): string[] {
  return [
    name,
    `${(figures.bytesPerConnection / KIBIBYTE).toFixed(1)} KiB`,
    `${(figures.residentBefore / MEBIBYTE).toFixed(1)} MiB`,
    `${(figures.residentAfter / MEBIBYTE).toFixed(1)} MiB`,
    whole(figures.connectsPerSecond),
    whole(figures.connectsPerCpuSecond),
    figures.settled ? 'yes' : 'NO',
  ];
}

function describeIdle({ natter, raw }: NonNullable<Figures['idle']>, users: number): string {
  return (
    `\n${whole(natter.connections)} idle connections of ${users} users, each in a chat; fresh servers, after garbage collection\n` +
    table(
      ['', 'RSS per connection', 'before', 'after', 'connects/s', 'per server CPU s', 'settled'],
      [idleRow('Natter', natter), idleRow('raw', raw)],
    ) +
    `  ratio: ${(natter.bytesPerConnection / raw.bytesPerConnection).toFixed(2)}\n`
  );
}

/** The figures as people read them. */
export function report(figures: Figures): string {
  const {
    durable,
    latency,
    baselines,
    verification,
    groups = [],
    reads,
    storm,
    logins,
    idle,
    configuration,
  } = figures;
  return (
    `\nNatter benchmark, ${whole(figures.seconds)} s\n` +
    describeSetting(figures) +
    (durable ? describeDurable(durable, verification) : '') +
    (latency ? describeLatency(latency, verification) : '') +
    (baselines ? describeBaselines(baselines) + storedLine(verification) : '') +
    groups.map(describeGroups).join('') +
    (reads ? describeReads(reads) : '') +
    (storm ? describeStorm(storm) : '') +
    (logins ? describeLogins(logins) : '') +
    (idle ? describeIdle(idle, configuration.idleUsers) : '')
  );
}
