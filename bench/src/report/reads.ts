import { describeSpread } from './parts.js';
import { type ReadMeasurement, wrongAnswersOf } from '../reads/measurement.js';
import type { ReadName, ReadsFigures } from '../scenarios/reads.js';
import { table } from './table.js';

const KIBIBYTE = 1024;

export const readTitles: Readonly<Record<ReadName, string>> = {
  newestPage: 'newest page',
  oldPage: 'page in the middle',
  chatList: 'chat list',
  search: 'search',
  sync: 'sync, all pages',
};

/** In the order in which they are measured. */
export const readNames: readonly ReadName[] = [
  'newestPage',
  'oldPage',
  'chatList',
  'search',
  'sync',
];

function rowOf({
  name,
  concurrency,
  repetitions,
  ...figures
}: ReadMeasurement<ReadName>): string[] {
  const answers = repetitions.reduce((sum, repetition) => sum + repetition.answers, 0);
  const bytes = repetitions.reduce((sum, repetition) => sum + repetition.bytes, 0);
  const seconds = repetitions.reduce((sum, repetition) => sum + repetition.seconds, 0);
  const ms = (value: number): string => value.toFixed(2);
  return [
    readTitles[name],
    String(concurrency),
    describeSpread(figures.p50Ms, ms),
    describeSpread(figures.p99Ms, ms),
    (answers / seconds).toFixed(0),
    ms(figures.serverMs),
    ms(figures.databaseMs),
    (bytes / answers / KIBIBYTE).toFixed(0),
  ];
}

/** The figures of the reads as people read them. */
export function describeReads(figures: ReadsFigures): string {
  const { chats, bigChatMessages, missed, measurements } = figures;
  const header = [
    'ms',
    'at once',
    'p50',
    'p99',
    'answers/s',
    'server CPU each',
    'PostgreSQL CPU each',
    'KiB each',
  ];
  const wrong = wrongAnswersOf(figures.measurements);
  const verdict =
    wrong.length === 0
      ? '  every answer was right\n'
      : `  wrong answers, such as ${wrong[0]}: VOID\n`;
  return (
    `\nReads by users with ${chats.toLocaleString('en')} chats, pages of one of ${bigChatMessages.toLocaleString('en')} messages, ` +
    `after ${missed.toLocaleString('en')} missed entries\n` +
    table(header, measurements.map(rowOf)) +
    verdict
  );
}
