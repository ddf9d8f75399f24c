import type { ReadFigures } from '../generator/contract.js';
import { type Spread, spreadOf } from '../statistics.js';

const MILLISECONDS = 1000;

/** One kind of read with so many at once. */
export interface ReadMeasurement<Name extends string> {
  readonly name: Name;
  readonly concurrency: number;
  readonly repetitions: readonly ReadFigures[];
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** CPU time of the server for one answer. */
  readonly serverMs: number;
  readonly databaseMs: number;
}

/** Whose CPU time. */
export type CpuFigure = 'serverCpuSeconds' | 'databaseCpuSeconds';

/** CPU time for one answer, in each repetition by itself. */
export function costSpreadMs(repetitions: readonly ReadFigures[], figure: CpuFigure): Spread {
  return spreadOf(repetitions.map((figures) => (figures[figure] / figures.answers) * MILLISECONDS));
}

export function summarizeReads<Name extends string>(
  name: Name,
  concurrency: number,
  repetitions: readonly ReadFigures[],
): ReadMeasurement<Name> {
  const answers = repetitions.reduce((sum, figures) => sum + figures.answers, 0);
  const perAnswerMs = (figure: CpuFigure): number =>
    (repetitions.reduce((sum, figures) => sum + figures[figure], 0) / answers) * MILLISECONDS;
  return {
    name,
    concurrency,
    repetitions,
    p50Ms: spreadOf(repetitions.map(({ p50Ms }) => p50Ms)),
    p99Ms: spreadOf(repetitions.map(({ p99Ms }) => p99Ms)),
    serverMs: perAnswerMs('serverCpuSeconds'),
    databaseMs: perAnswerMs('databaseCpuSeconds'),
  };
}

/** Reads again and again, one repetition after the other. */
export async function measureRead<Name extends string>(
  name: Name,
  concurrency: number,
  repetitions: number,
  read: () => Promise<ReadFigures>,
): Promise<ReadMeasurement<Name>> {
  const figures: ReadFigures[] = [];
  while (figures.length < repetitions) figures.push(await read());
  return summarizeReads(name, concurrency, figures);
}

/** Answers that were refusals, or not what they should be. */
export function wrongAnswersOf(
  measurements: readonly Pick<ReadMeasurement<string>, 'repetitions'>[],
): string[] {
  return measurements.flatMap(({ repetitions }) =>
    repetitions.flatMap(({ wrong, wrongAnswer }) => (wrong > 0 ? [wrongAnswer] : [])),
  );
}
