import type { LoadFigures, RunCounts } from './generator/contract.js';
import { sumOf } from './run-counts.js';
import { type Spread, spreadOf } from './statistics.js';

/** A load that was measured, with what follows from its figures. */
export interface Repetition extends LoadFigures {
  readonly perSecond: number;
  /** Acknowledged messages per CPU second of the server. */
  readonly perServerCore: number;
  readonly deliveriesPerSecond: number;
  readonly deliveriesPerServerCore: number;
  /** The share of the time in which the process had its core. */
  readonly serverBusy: number;
  readonly generatorBusy: number;
  /** Per CPU second of server and database together. */
  readonly perServerAndDatabaseCore: number;
}

export function repetitionOf(figures: LoadFigures): Repetition {
  const { acknowledged, delivered, seconds, serverCpuSeconds, databaseCpuSeconds } = figures;
  return {
    ...figures,
    perSecond: acknowledged / seconds,
    perServerCore: acknowledged / serverCpuSeconds,
    deliveriesPerSecond: delivered / seconds,
    deliveriesPerServerCore: delivered / serverCpuSeconds,
    serverBusy: serverCpuSeconds / seconds,
    generatorBusy: figures.generatorCpuSeconds / seconds,
    perServerAndDatabaseCore: acknowledged / (serverCpuSeconds + databaseCpuSeconds),
  };
}

/** Warm-up and drain included. */
export function totalOf(repetitions: readonly Repetition[]): RunCounts {
  return sumOf(repetitions.map(({ run }) => run));
}

/** Each repetition of ours by the one of the reference that ran beside it. */
export function ratioOf(
  own: readonly Repetition[],
  reference: readonly Repetition[],
  figure: 'perServerCore' | 'deliveriesPerServerCore' | 'perSecond',
): Spread {
  return spreadOf(
    own.map((repetition, index) => repetition[figure] / (reference[index]?.[figure] ?? 0)),
  );
}
