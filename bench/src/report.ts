import type { LatencyFigures, RunCounts, Verification } from './generator/contract.js';
import type { QuickFigures } from './quick.js';
import type { DurableFigures, Repetition, TransactionFigures } from './scenarios/durable.js';
import type { IdleFigures } from './scenarios/idle.js';
import type { Placement } from './processes/placement.js';
import type { Affinities } from './stage.js';
import { spreadOf } from './statistics.js';
import { table } from './table.js';

const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Every acknowledged message is stored once and nothing else is: without that no rate means anything. */
export function isStored({ acknowledged, stored, unexpected }: Verification): boolean {
  return stored === acknowledged && unexpected === 0;
}

/** Whether the figures may be quoted. */
export function isValid({ durable, verification }: QuickFigures): boolean {
  if (verification && !isStored(verification)) return false;
  if (!durable) return true;
  const { acknowledged, delivered, refused } = durable.total;
  return delivered === acknowledged && refused === 0;
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
}: QuickFigures): string {
  const { cores } = placement;
  const lines = [
    `Node ${host.node}, ${host.cores} cores (${host.model}), Linux ${host.kernel}, load ${host.loadAtStart.toFixed(1)} at the start`,
    cores
      ? `asked: server on core ${cores.server}; generator and PostgreSQL on core ${cores.generator}`
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
    delivered > 0 ? whole(delivered / seconds) : '-',
    serverCpuSeconds.toFixed(2),
    percent(repetition.serverBusy),
    percent(repetition.generatorBusy),
    hasDatabase ? percent(databaseCpuSeconds / seconds) : '-',
    whole(repetition.perServerCore),
    hasDatabase ? whole(repetition.perServerAndDatabaseCore) : '-',
  ];
}

function spreadText(values: readonly number[], format: (value: number) => string): string {
  const { min, median, max } = spreadOf(values);
  return `${format(median)} (${format(min)} to ${format(max)})`;
}

function storedLine(verification: Verification | undefined): string {
  if (!verification) return '  not verified: VOID\n';
  const { stored, acknowledged, unexpected } = verification;
  return (
    `  stored ${stored} of ${acknowledged} acknowledged, each once with its id and seq, ${unexpected} others` +
    `${isStored(verification) ? '' : ': VOID'}\n`
  );
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

function describeRefusals({ refused, refusal }: RunCounts): string {
  if (refused === 0) return '';
  const advice = refusal.includes('RATE_LIMITED') ? '; --rate-limits off lifts the limits' : '';
  return `  refused ${refused}, such as ${refusal}: VOID${advice}\n`;
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
    `  RATIO durable / raw: ${ratio.median.toFixed(3)} (${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)})\n` +
    storedLine(verification) +
    `  delivered ${total.delivered} of ${total.acknowledged} to the peers` +
    `${total.delivered === total.acknowledged ? '' : ': VOID'}\n` +
    describeRefusals(total) +
    describeTransactions(transactions)
  );
}

function describeLatency(
  figures: LatencyFigures,
  rate: number,
  verification: Verification | undefined,
): string {
  const { deliveryP50Ms, deliveryP99Ms, acknowledgementP50Ms, acknowledgementP99Ms } = figures;
  return (
    `\nLatency at ${whole(rate)} durable messages/s (${whole(figures.messages)} in ${figures.seconds.toFixed(1)} s)\n` +
    table(
      ['', 'p50 ms', 'p99 ms'],
      [
        ['delivery', deliveryP50Ms.toFixed(2), deliveryP99Ms.toFixed(2)],
        ['acknowledgement', acknowledgementP50Ms.toFixed(2), acknowledgementP99Ms.toFixed(2)],
      ],
    ) +
    storedLine(verification)
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

function describeIdle({ natter, raw }: NonNullable<QuickFigures['idle']>, users: number): string {
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
export function report(figures: QuickFigures): string {
  const { durable, latency, flush, verification, idle, configuration } = figures;
  return (
    `\nNatter benchmark, quick run, ${whole(figures.seconds)} s\n` +
    describeSetting(figures) +
    (durable ? describeDurable(durable, verification) : '') +
    (latency ? describeLatency(latency, configuration.latencyRate, verification) : '') +
    (flush
      ? `  the disk alone: fdatasync p50 ${flush.p50Ms.toFixed(2)} ms, p99 ${flush.p99Ms.toFixed(2)} ms\n`
      : '') +
    (idle ? describeIdle(idle, configuration.idleUsers) : '')
  );
}
