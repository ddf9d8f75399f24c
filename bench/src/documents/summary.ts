import { type GoalResult, judgeGoals } from '../goals.js';
import {
  type Guard,
  isBoolean,
  isListOf,
  isNumber,
  isObjectOf,
  isOneOf,
  isString,
} from '../guards.js';
import { isValid, report } from '../report/report.js';
import type { Figures } from '../figures.js';
import { type RunName, runNames } from '../plan.js';
import { type BarChart, type CurveChart, isBarChart, isCurveChart } from './chart.js';
import { barChartsOf, curveChartsOf } from './charts-of.js';

/** What the documents show of a run. */
export interface Summary {
  readonly name: RunName;
  readonly valid: boolean;
  /** As it was printed. */
  readonly text: string;
  readonly goals: readonly GoalResult[];
  readonly bars: readonly BarChart[];
  readonly curves: readonly CurveChart[];
}

/** The file that a run writes. */
export interface RunFile {
  readonly summary: Summary;
  readonly figures: unknown;
}

const isSpread = isObjectOf<GoalResult['ratio']>({
  min: isNumber,
  median: isNumber,
  max: isNumber,
});
const isGoalResult = isObjectOf<GoalResult>({
  name: isString,
  better: isOneOf<GoalResult['better']>('more', 'less'),
  ratio: isSpread,
  floor: isNumber,
  target: isNumber,
  reason: isString,
  verdict: isOneOf<GoalResult['verdict']>('reached', 'held', 'missed'),
});

const isSummary: Guard<Summary> = isObjectOf<Summary>({
  name: isOneOf<RunName>(...runNames),
  valid: isBoolean,
  text: isString,
  goals: isListOf(isGoalResult),
  bars: isListOf(isBarChart),
  curves: isListOf(isCurveChart),
});

export const isRunFile = isObjectOf<RunFile>({
  summary: isSummary,
  figures: isObjectOf<object>({}),
});

export function summarize(name: RunName, figures: Figures): Summary {
  return {
    name,
    valid: isValid(figures),
    text: report(figures),
    goals: judgeGoals(figures),
    bars: barChartsOf(figures),
    curves: curveChartsOf(figures),
  };
}
