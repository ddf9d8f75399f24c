import type { Repetition } from '../repetition.js';
import type { Figures } from '../figures.js';
import { type Spread, spreadOf } from '../statistics.js';
import { costSpreadMs, type CpuFigure, type ReadMeasurement } from '../reads/measurement.js';
import { deliveryCostsUs, sendCostsUs } from '../report/group-costs.js';
import { readNames, readTitles } from '../report/reads.js';
import type { GroupCosts } from '../scenarios/group-costs.js';
import type { GrowthFigures } from '../scenarios/growth.js';
import type { ReadName } from '../scenarios/reads.js';
import type { BarChart, BarGroup, Curve, CurveChart, Point } from './chart.js';

const KIBIBYTE = 1024;

function spreadOfEach<T>(values: readonly T[], figure: (value: T) => number): Spread {
  return spreadOf(values.map(figure));
}

const perServerCore = (repetitions: readonly Repetition[]): Spread =>
  spreadOfEach(repetitions, (repetition) => repetition.perServerCore);

function sendsChart({ durable, baselines }: Figures): BarChart[] {
  if (!durable) return [];
  const tutorial = baselines?.tutorial ?? [];
  const groups: BarGroup[] = [
    { label: 'Natter, stored', bars: [perServerCore(durable.durable)] },
    ...(tutorial.length > 0
      ? [{ label: 'NestJS and TypeORM, stored', bars: [perServerCore(tutorial)] }]
      : []),
    { label: 'Socket.IO echo, not stored', bars: [perServerCore(durable.raw)] },
  ];
  const unit = 'messages per CPU second of the server';
  return [{ file: 'sends', title: 'Sends from one to one', unit, series: ['messages'], groups }];
}

function groupsChart({ groups = [] }: Figures): BarChart[] {
  if (groups.length === 0) return [];
  const deliveries = (repetitions: readonly Repetition[]): Spread =>
    spreadOfEach(repetitions, (repetition) => repetition.deliveriesPerServerCore);
  return [
    {
      file: 'groups',
      title: 'Fan-out',
      unit: 'deliveries per CPU second of the server',
      series: ['Natter, stored', 'Socket.IO, not stored'],
      groups: groups.map(({ members, natter, raw }) => ({
        label: `${members.toLocaleString('en')} members`,
        bars: [deliveries(natter), deliveries(raw)],
      })),
    },
  ];
}

function latencyChart({ latency = [] }: Figures): BarChart[] {
  if (latency.length === 0) return [];
  return [
    {
      file: 'latency',
      title: 'From the send to the delivery, stored',
      unit: 'ms',
      series: ['p50', 'p99'],
      groups: latency.map(({ ratePerSecond, repetitions }) => ({
        label: `${ratePerSecond.toLocaleString('en')} messages a second`,
        bars: [
          spreadOfEach(repetitions, ({ deliveryP50Ms }) => deliveryP50Ms),
          spreadOfEach(repetitions, ({ deliveryP99Ms }) => deliveryP99Ms),
        ],
      })),
    },
  ];
}

function idleChart({ idle }: Figures): BarChart[] {
  if (!idle) return [];
  const kibibytes = ({ bytesPerConnection }: { bytesPerConnection: number }): number =>
    bytesPerConnection / KIBIBYTE;
  return [
    {
      file: 'idle',
      title: 'Memory of an idle connection',
      unit: 'KiB',
      series: ['KiB'],
      groups: [
        { label: 'Natter', bars: [spreadOfEach(idle.natter, kibibytes)] },
        { label: 'Socket.IO', bars: [spreadOfEach(idle.raw, kibibytes)] },
      ],
    },
  ];
}

/** What of a run is shown as bars. */
export function barChartsOf(figures: Figures): BarChart[] {
  return [sendsChart, groupsChart, latencyChart, idleChart].flatMap((chart) => chart(figures));
}

/** What of a run is shown as curves: how costs change while the tables grow, and with the members of a group. */
export function curveChartsOf({ growth }: Pick<Figures, 'growth'>): CurveChart[] {
  if (!growth) return [];
  return [...growthCharts(growth), ...groupCharts(growth)];
}

const READ_FIGURES = [
  { file: 'read-server', title: 'One read, CPU of the server', figure: 'serverCpuSeconds' },
  { file: 'read-database', title: 'One read, CPU of PostgreSQL', figure: 'databaseCpuSeconds' },
] as const;

function growthCharts({ steps }: GrowthFigures): CurveChart[] {
  const xTitle = 'messages in the database';
  const readCurves = (spread: (alone: ReadMeasurement<ReadName>) => Spread): Curve[] =>
    readNames.map((name) => ({
      name: readTitles[name],
      points: steps.flatMap(({ messages, reads }): Point[] => {
        const alone = reads.measurements.find(
          (measurement) => measurement.name === name && measurement.concurrency === 1,
        );
        return alone ? [{ x: messages, ...spread(alone) }] : [];
      }),
    }));
  const sendCurve = (name: string, figure: CpuFigure): Curve => ({
    name,
    points: steps.map(({ messages, durable }) => ({
      x: messages,
      ...sendCostsUs(durable, figure),
    })),
  });
  return [
    ...READ_FIGURES.map(({ file, title, figure }) => ({
      file,
      title,
      unit: 'ms',
      xTitle,
      curves: readCurves(({ repetitions }) => costSpreadMs(repetitions, figure)),
    })),
    {
      file: 'reads',
      title: 'One read at a time, p50',
      unit: 'ms',
      xTitle,
      curves: readCurves(({ p50Ms }) => p50Ms),
    },
    {
      file: 'sends',
      title: 'One stored message from one to one, CPU',
      unit: 'µs',
      xTitle,
      curves: [
        sendCurve('server', 'serverCpuSeconds'),
        sendCurve('PostgreSQL', 'databaseCpuSeconds'),
      ],
    },
  ];
}

function groupCharts({ groups }: GrowthFigures): CurveChart[] {
  const xTitle = 'members of the group, and connections';
  const curves = (spread: (costs: GroupCosts) => Spread): Curve[] =>
    groups.map((step) => ({
      name: `${step.messages.toLocaleString('en')} messages`,
      points: step.groups.map((costs) => ({ x: costs.members, ...spread(costs) })),
    }));
  return [
    {
      file: 'deliveries',
      title: 'One delivery of a stored message, CPU of the server',
      unit: 'µs',
      xTitle,
      curves: curves(({ sends }) => deliveryCostsUs(sends)),
    },
    {
      file: 'group-sends',
      title: 'One message to a group, CPU of PostgreSQL',
      unit: 'µs',
      xTitle,
      curves: curves(({ sends }) => sendCostsUs(sends, 'databaseCpuSeconds')),
    },
  ];
}
