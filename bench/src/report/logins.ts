import type { LatencyFigures } from '../generator/contract.js';
import { type LoginFigures, refusalsOf } from '../login-figures.js';
import {
  deliveredLine,
  describeRefusals,
  describeSpread,
  flushLine,
  spreadText,
  storedLine,
  whole,
} from './parts.js';
import type { LoginRound, LoginsFigures } from '../scenarios/logins.js';
import { table } from './table.js';

function sendsCells(sends: LatencyFigures): string[] {
  return [
    sends.acknowledgementP50Ms.toFixed(2),
    sends.acknowledgementP99Ms.toFixed(2),
    sends.deliveryP50Ms.toFixed(2),
    sends.deliveryP99Ms.toFixed(2),
    whole(sends.messages / sends.seconds),
  ];
}

function roundRows({ quiet, busy, logins }: LoginRound, index: number): string[][] {
  return [
    [`quiet ${index + 1}`, ...sendsCells(quiet), '-', '-'],
    [
      `logins ${index + 1}`,
      ...sendsCells(busy),
      logins.carriedOutPerSecond.toFixed(1),
      logins.meanMs.toFixed(0),
    ],
  ];
}

function describeOutcomes(figures: readonly LoginFigures[]): string {
  const refusals = Object.entries(refusalsOf(figures)).map(([name, count]) => `${name}: ${count}`);
  const asked = figures.reduce((sum, load) => sum + load.asked, 0);
  const rate = spreadText(
    figures.map(({ carriedOutPerSecond }) => carriedOutPerSecond),
    (value) => value.toFixed(1),
  );
  const mean = spreadText(
    figures.map(({ meanMs }) => meanMs),
    whole,
  );
  return (
    `  logins carried out per second ${rate}, mean time ${mean} ms\n` +
    `  of ${asked} logins refused: ${refusals.length === 0 ? 'none' : refusals.join(', ')}\n`
  );
}

/** The figures of the logins as people read them. */
export function describeLogins(figures: LoginsFigures): string {
  const { rounds, ratios, sendsPerSecond, loginsPerSecond, accounts, serverCores } = figures;
  const header = [
    '',
    'ack p50 ms',
    'ack p99 ms',
    'delivery p50 ms',
    'delivery p99 ms',
    'msg/s',
    'logins/s',
    'mean login ms',
  ];
  const times = (ratio: number): string => ratio.toFixed(2);
  return (
    `\n${whole(sendsPerSecond)} durable messages/s without and with ${loginsPerSecond} password logins/s ` +
    `(${accounts} accounts), in turn\n` +
    `  nothing is pinned in this scenario: the server may run on cores ${serverCores}, its database and the generator, too\n` +
    table(header, rounds.flatMap(roundRows)) +
    `  RATIO of the p99 with logins / quiet: acknowledgement ${describeSpread(ratios.acknowledgement, times)}, ` +
    `delivery ${describeSpread(ratios.delivery, times)}\n` +
    describeOutcomes(rounds.map(({ logins }) => logins)) +
    storedLine(figures.verification) +
    deliveredLine(figures.total) +
    describeRefusals(figures.total) +
    flushLine(figures.flush)
  );
}
