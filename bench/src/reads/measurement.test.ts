import { expect, test } from 'vitest';
import type { ReadFigures } from '../generator/contract.js';
import { costSpreadMs, measureRead, wrongAnswersOf } from './measurement.js';

const figures = (answers: number, serverCpuSeconds: number, wrong = 0): ReadFigures => ({
  answers,
  wrong,
  wrongAnswer: wrong > 0 ? '429 too many' : '',
  seconds: 1,
  p50Ms: 2,
  p99Ms: 3,
  maxMs: 4,
  bytes: 1000,
  serverCpuSeconds,
  databaseCpuSeconds: serverCpuSeconds / 2,
});

test('a cost is CPU time by answers, of each repetition and of all together', async () => {
  const results = [figures(100, 0.1), figures(300, 0.9)];
  const measured = await measureRead('page', 1, 2, () =>
    Promise.resolve(results.shift() ?? figures(0, 0)),
  );
  expect(measured.serverMs).toBeCloseTo(2.5);
  expect(measured.databaseMs).toBeCloseTo(1.25);
  const { min, max } = costSpreadMs(measured.repetitions, 'serverCpuSeconds');
  expect([min, max]).toEqual([expect.closeTo(1), expect.closeTo(3)]);
});

test('names what was answered wrong, and nothing else', () => {
  const repetitions = [figures(10, 1), figures(10, 1, 2)];
  expect(wrongAnswersOf([{ repetitions }])).toEqual(['429 too many']);
  expect(wrongAnswersOf([{ repetitions: [figures(10, 1)] }])).toEqual([]);
});
