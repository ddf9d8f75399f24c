import { isListOf, isNumber, isObjectOf, isString } from '../guards.js';
import type { Spread } from '../statistics.js';

/** Bars in groups, one bar for each series in each group. */
export interface BarChart {
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly series: readonly string[];
  readonly groups: readonly BarGroup[];
}

export interface BarGroup {
  readonly label: string;
  /** In the order of the series. */
  readonly bars: readonly Spread[];
}

export interface Point extends Spread {
  readonly x: number;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Curves between logarithmic axes. */
export interface CurveChart {
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly xTitle: string;
  readonly curves: readonly Curve[];
}

const isSpread = isObjectOf<Spread>({ min: isNumber, median: isNumber, max: isNumber });

export const isBarChart = isObjectOf<BarChart>({
  file: isString,
  title: isString,
  unit: isString,
  series: isListOf(isString),
  groups: isListOf(isObjectOf<BarGroup>({ label: isString, bars: isListOf(isSpread) })),
});

export const isCurveChart = isObjectOf<CurveChart>({
  file: isString,
  title: isString,
  unit: isString,
  xTitle: isString,
  curves: isListOf(
    isObjectOf<Curve>({
      name: isString,
      points: isListOf(
        isObjectOf<Point>({ x: isNumber, min: isNumber, median: isNumber, max: isNumber }),
      ),
    }),
  ),
});
