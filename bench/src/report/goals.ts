import type { GoalResult } from '../goals.js';
import { describeSpread } from './parts.js';
import { table } from './table.js';

const VERDICTS: Readonly<Record<GoalResult['verdict'], string>> = {
  reached: 'target reached',
  held: 'floor held',
  missed: 'BELOW THE FLOOR',
};

/** The ratios of a run against their floors and targets; why, where one is missed. */
export function describeGoals(results: readonly GoalResult[]): string {
  if (results.length === 0) return '';
  const rows = results.map(({ name, better, ratio, floor, target, verdict }) => {
    const sign = better === 'more' ? '>=' : '<=';
    return [
      name,
      describeSpread(ratio, (value) => value.toFixed(2)),
      `${sign} ${floor}`,
      `${sign} ${target}`,
      VERDICTS[verdict],
    ];
  });
  const missed = results.filter(({ verdict }) => verdict === 'missed');
  return (
    '\nRatios against their floors and targets\n' +
    table(['', 'measured', 'floor', 'target', ''], rows) +
    missed.map(({ name, reason }) => `  ${name}: ${reason}\n`).join('')
  );
}
