import { expect, test } from 'vitest';
import { curveChartsOf } from '../documents/charts-of.js';
import type { Figures } from '../figures.js';
import type { ReadFigures } from '../generator/contract.js';
import { summarizeReads } from '../reads/measurement.js';
import { repetitionOf } from '../repetition.js';
import type { GroupCosts } from '../scenarios/group-costs.js';
import type { GrowthFigures, GrowthStep } from '../scenarios/growth.js';
import { describeGrowth, isGrowthValid } from './growth.js';
import { readNames } from './reads.js';

const run = {
  acknowledged: 1000,
  delivered: 9000,
  due: 9000,
  otherEvents: 0,
  refused: 0,
  refusal: '',
};
const verification = { acknowledged: 1000, stored: 1000, unexpected: 0, seconds: 1 };
const load = repetitionOf({
  seconds: 2,
  acknowledged: 1000,
  delivered: 9000,
  serverCpuSeconds: 0.9,
  databaseCpuSeconds: 0.3,
  generatorCpuSeconds: 1,
  run,
});
const read: ReadFigures = {
  answers: 100,
  wrong: 0,
  wrongAnswer: '',
  seconds: 1,
  p50Ms: 7.5,
  p99Ms: 9,
  maxMs: 10,
  bytes: 1000,
  serverCpuSeconds: 0.25,
  databaseCpuSeconds: 0.125,
};

const step = (messages: number): GrowthStep => ({
  messages,
  chats: messages / 100,
  databaseBytes: 1024 * 1024,
  reads: {
    chats: 1000,
    bigChatMessages: 100_000,
    missed: 1000,
    measurements: readNames.map((name) => summarizeReads(name, 1, [read])),
  },
  durable: [load],
  total: run,
  verification,
});

const group = (members: number): GroupCosts => ({
  members,
  groups: 1,
  people: members,
  outstanding: 2,
  measureMs: 1000,
  sends: [load],
  total: run,
  verification,
  reads: [summarizeReads('newestPage', 1, [read]), summarizeReads('memberPage', 1, [read])],
  comings: { comings: 100, addedP50Ms: 5, leftP50Ms: 4, serverMs: 3, databaseMs: 2 },
});

const figures: GrowthFigures = {
  steps: [step(1000), step(10_000)],
  groups: [
    { messages: 1000, groups: [group(10), group(10_000)] },
    { messages: 10_000, groups: [group(10), group(10_000)] },
  ],
};

test('says what each read, message and delivery costs at each size', () => {
  const text = describeGrowth(figures);
  expect(text).toMatch(/10,000, server CPU +2\.50/);
  expect(text).toMatch(/10,000, PostgreSQL CPU +1\.25/);
  expect(text).toMatch(/10,000 +100 +1 MiB +500 +900 +300/);
  expect(text).toMatch(/10,000 +10,000 +10,000 +500 +4,500 +10,000 +100\.0 +300/);
  expect(text).not.toContain('VOID');
  expect(isGrowthValid(figures)).toBe(true);
});

test('is void where a group lost a copy, or a read was answered wrong', () => {
  const lost = { ...group(10), total: { ...run, delivered: 8999 } };
  const ofLost = { ...figures, groups: [{ messages: 1000, groups: [lost] }] };
  expect(isGrowthValid(ofLost)).toBe(false);
  expect(describeGrowth(ofLost)).toContain('VOID');
  const wrong = summarizeReads('memberPage', 1, [{ ...read, wrong: 1, wrongAnswer: '500' }]);
  const ofWrong = { ...group(10), reads: [wrong] };
  expect(isGrowthValid({ ...figures, groups: [{ messages: 1000, groups: [ofWrong] }] })).toBe(
    false,
  );
});

test('its curves have a point for each size', () => {
  const all: Pick<Figures, 'growth'> = { growth: figures };
  const charts = curveChartsOf(all);
  expect(charts.map(({ file }) => file)).toEqual([
    'read-server',
    'read-database',
    'reads',
    'sends',
    'deliveries',
    'group-sends',
  ]);
  for (const { curves } of charts) for (const { points } of curves) expect(points).toHaveLength(2);
  const [server] = charts;
  expect(server?.curves[0]?.points[1]).toMatchObject({ x: 10_000, median: 2.5 });
  const deliveries = charts.find(({ file }) => file === 'deliveries');
  expect(deliveries?.curves[1]?.points[1]).toMatchObject({ x: 10_000, median: 100 });
});
