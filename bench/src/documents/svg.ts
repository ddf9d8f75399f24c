import type { BarChart, CurveChart } from './chart.js';

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 76;
const RIGHT = 44;
const TOP = 64;
const BOTTOM = 48;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const BASE = TOP + PLOT_HEIGHT;
/** Told apart also by those who see no red or green, and on white as on black. */
const COLOURS = ['#3b82c4', '#e08a1e', '#2a9d78', '#c2528b', '#8a7fd1', '#8c8c8c'];
const GREY = '#8a8a8a';
const TICKS = 5;
/** Of the width of a group, what its bars take. */
const BAR_SHARE = 0.7;
const WIDEST_BAR = 90;
const WHISKER = 4;
const LEGEND_STEP = 170;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? GREY;
}

function text(x: number, y: number, content: string, anchor = 'middle', size = 12): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" fill="${GREY}">${escape(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour = GREY, width = 1): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}" stroke-width="${width}"/>`;
}

/** The next number above that is easy to read: 1, 2 or 5 and zeros. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function numberText(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

interface Scale {
  /** Where the grid has a line, ascending. */
  readonly ticks: readonly number[];
  readonly yOf: (value: number) => number;
}

function scaleTo(values: readonly number[]): Scale {
  const highest = niceAbove(Math.max(...values, Number.MIN_VALUE));
  return {
    ticks: Array.from({ length: TICKS + 1 }, (_, tick) => (highest / TICKS) * tick),
    yOf: (value) => BASE - (value / highest) * PLOT_HEIGHT,
  };
}

/** From the power of ten below the least value above 0 to the one above the greatest. */
function logarithmicScaleTo(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const exponents = (positive.length > 0 ? positive : [1]).map((value) => Math.log10(value));
  const lowest = Math.floor(Math.min(...exponents));
  const highest = Math.max(Math.ceil(Math.max(...exponents)), lowest + 1);
  const ticks = Array.from({ length: highest - lowest + 1 }, (_, tick) => 10 ** (lowest + tick));
  return {
    ticks,
    yOf: (value) => {
      const exponent = Math.max(Math.log10(value), lowest);
      return BASE - ((exponent - lowest) / (highest - lowest)) * PLOT_HEIGHT;
    },
  };
}

function grid({ ticks, yOf }: Scale): string[] {
  return ticks.flatMap((value) => [
    `<g opacity="${yOf(value) === BASE ? 1 : 0.3}">${line(LEFT, yOf(value), WIDTH - RIGHT, yOf(value))}</g>`,
    text(LEFT - 8, yOf(value) + 4, numberText(value), 'end'),
  ]);
}

function legend(names: readonly string[]): string[] {
  return names.map((name, index) => {
    const x = LEFT + index * Math.min(LEGEND_STEP, PLOT_WIDTH / names.length);
    return `<rect x="${round(x)}" y="40" width="10" height="10" fill="${colourOf(index)}"/>${text(x + 15, 49, name, 'start', 11)}`;
  });
}

function document(title: string, unit: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif">`,
    `<title>${escape(title)}</title>`,
    text(LEFT, 24, `${title} (${unit})`, 'start', 15),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Each bar as high as its median, with a whisker from the least to the greatest. */
export function drawBars({ title, unit, series, groups }: BarChart): string {
  const scale = scaleTo(groups.flatMap(({ bars }) => bars.map(({ max }) => max)));
  const groupWidth = PLOT_WIDTH / groups.length;
  const barWidth = Math.min(WIDEST_BAR, (groupWidth * BAR_SHARE) / series.length);
  const parts = groups.flatMap(({ label, bars }, group) => {
    const start = LEFT + groupWidth * (group + 0.5) - (barWidth * bars.length) / 2;
    const drawn = bars.flatMap(({ min, median, max }, index) => {
      const x = start + index * barWidth;
      const middle = x + barWidth / 2;
      const y = scale.yOf(median);
      return [
        `<rect x="${round(x + 1)}" y="${round(y)}" width="${round(barWidth - 2)}" height="${round(BASE - y)}" fill="${colourOf(index)}"/>`,
        line(middle, scale.yOf(min), middle, scale.yOf(max)),
        line(middle - WHISKER, scale.yOf(min), middle + WHISKER, scale.yOf(min)),
        line(middle - WHISKER, scale.yOf(max), middle + WHISKER, scale.yOf(max)),
        text(middle, scale.yOf(max) - 6, numberText(median), 'middle', 11),
      ];
    });
    return [...drawn, text(LEFT + groupWidth * (group + 0.5), BASE + 20, label)];
  });
  return document(title, unit, [...grid(scale), ...legend(series), ...parts]);
}

/** Curves through the medians; what is ten times as much is one step to the right, or up: what costs the same is level. */
export function drawCurves({ title, unit, xTitle, curves }: CurveChart): string {
  const points = curves.flatMap((curve) => curve.points);
  const scale = logarithmicScaleTo(points.flatMap(({ min, max }) => [min, max]));
  const exponents = points.map(({ x }) => Math.log10(x));
  const lowest = Math.min(...exponents);
  const range = Math.max(...exponents) - lowest || 1;
  const xOf = (x: number): number => LEFT + ((Math.log10(x) - lowest) / range) * PLOT_WIDTH;
  const parts = curves.flatMap((curve, index) => {
    const colour = colourOf(index);
    const path = curve.points
      .map(({ x, median }) => `${round(xOf(x))},${round(scale.yOf(median))}`)
      .join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...curve.points.flatMap(({ x, min, median, max }) => [
        line(xOf(x), scale.yOf(min), xOf(x), scale.yOf(max), colour),
        `<circle cx="${round(xOf(x))}" cy="${round(scale.yOf(median))}" r="3" fill="${colour}"/>`,
      ]),
    ];
  });
  const marks = [...new Set(points.map(({ x }) => x))].map((x) =>
    text(xOf(x), BASE + 18, x.toLocaleString('en')),
  );
  return document(title, unit, [
    ...grid(scale),
    ...legend(curves.map(({ name }) => name)),
    ...parts,
    ...marks,
    text(LEFT + PLOT_WIDTH / 2, BASE + 38, xTitle),
  ]);
}
