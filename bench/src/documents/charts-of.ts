import type { Repetition } from '../repetition.js';
import type { Figures } from '../figures.js';
import { type Spread, spreadOf } from '../statistics.js';
import { readNames, readTitles } from '../report/reads.js';
import type { BarChart, BarGroup, CurveChart, Point } from './chart.js';

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

/** What of a run is shown as curves: how costs change while the tables grow. */
export function curveChartsOf({ growth }: Figures): CurveChart[] {
  if (!growth) return [];
  const xTitle = 'messages in the database';
  const curves = readNames.map((name) => ({
    name: readTitles[name],
    points: growth.steps.flatMap(({ messages, reads }): Point[] => {
      const alone = reads.measurements.find(
        (measurement) => measurement.name === name && measurement.concurrency === 1,
      );
      return alone ? [{ x: messages, ...alone.p50Ms }] : [];
    }),
  }));
  const sends = growth.steps.map(({ messages, durable }): Point => ({
    x: messages,
    ...perServerCore(durable),
  }));
  return [
    { file: 'reads', title: 'One read at a time, p50', unit: 'ms', xTitle, curves },
    {
      file: 'sends',
      title: 'Sends from one to one, stored',
      unit: 'messages per CPU second of the server',
      xTitle,
      curves: [{ name: 'messages', points: sends }],
    },
  ];
}
