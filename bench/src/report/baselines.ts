import type { CommitRate } from '../baselines/commit-load.js';
import { deliveredLine, describeRefusals, describeSpread, spreadText, whole } from './parts.js';
import type { Repetition } from '../repetition.js';
import type { BaselinesFigures } from '../scenarios/baselines.js';
import { table } from './table.js';

/** Also the tutorial has to have stored what it acknowledged. */
export function isTutorialStored({ tutorialStored, tutorialTotal }: BaselinesFigures): boolean {
  return tutorialStored === tutorialTotal.acknowledged;
}

function loadRow(name: string, repetitions: readonly Repetition[]): string[] {
  const spread = (figure: (repetition: Repetition) => number): string =>
    spreadText(repetitions.map(figure), whole);
  return [
    name,
    spread(({ perSecond }) => perSecond),
    spread(({ perServerCore }) => perServerCore),
    spread(({ perServerAndDatabaseCore }) => perServerAndDatabaseCore),
  ];
}

function rateRow(name: string, rates: readonly CommitRate[]): string[] {
  return [
    name,
    spreadText(
      rates.map(({ rowsPerSecond }) => rowsPerSecond),
      whole,
    ),
    '-',
    '-',
  ];
}

/** The figures of the baselines as people read them. */
export function describeBaselines(figures: BaselinesFigures): string {
  const { natter, tutorial, single, batch, ratios, tutorialStored, tutorialTotal, total } = figures;
  const times = (ratio: number): string => ratio.toFixed(2);
  return (
    '\nDurable 1:1 beside a plain NestJS and TypeORM service and PostgreSQL alone, on the same disk, in turn\n' +
    table(
      ['', 'msg/s', 'msg/s per server core', 'per server+db core'],
      [
        loadRow('Natter', natter),
        loadRow('tutorial', tutorial),
        rateRow('PostgreSQL, single rows, 32 connections', single),
        rateRow('PostgreSQL, 200 rows a commit, 4 connections', batch),
      ],
    ) +
    `  RATIO per server core, Natter / tutorial: ${describeSpread(ratios.tutorial, times)}\n` +
    `  RATIO of the rates, Natter / single-row commits: ${describeSpread(ratios.single, times)}, ` +
    `Natter / 200-row commits: ${describeSpread(ratios.batch, (ratio) => ratio.toFixed(3))}\n` +
    `  the tutorial's table holds ${tutorialStored} of ${tutorialTotal.acknowledged} that it acknowledged` +
    `${isTutorialStored(figures) ? '' : ': VOID'}\n` +
    deliveredLine(total) +
    describeRefusals(total)
  );
}
