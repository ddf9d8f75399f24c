import { spreadText, whole } from './parts.js';
import type { StormsFigures } from '../scenarios/storm.js';
import { table } from './table.js';

/** Whether every client got what it had missed. */
export function isCaughtUp({ repetitions }: StormsFigures): boolean {
  return repetitions.every(({ clients, caughtUp }) => caughtUp === clients);
}

/** The figures of the reconnect storm as people read them. */
export function describeStorm(figures: StormsFigures): string {
  const { repetitions, users } = figures;
  const rows = repetitions.map((storm, index) => [
    `storm ${index + 1}`,
    whole(storm.halfLiveMs),
    whole(storm.allLiveMs),
    storm.serverCpuSeconds.toFixed(2),
    storm.databaseCpuSeconds.toFixed(2),
    whole(storm.refused),
    `${storm.caughtUp} of ${storm.clients}`,
  ]);
  const header = [
    '',
    'half live ms',
    'all live ms',
    'server CPU s',
    'PostgreSQL CPU s',
    'failed attempts',
    'caught up',
  ];
  const all = spreadText(
    repetitions.map(({ allLiveMs }) => allLiveMs),
    whole,
  );
  const refusal = repetitions.map((storm) => storm.refusal).find((text) => text !== '');
  return (
    `\n${whole(repetitions[0]?.clients ?? 0)} clients of ${whole(users)} users, cut at once; live again is connected and synced\n` +
    table(header, rows) +
    `  all live after ${all} ms\n` +
    (refusal === undefined ? '' : `  failed attempts, such as: ${refusal}\n`) +
    (isCaughtUp(figures) ? '' : '  NOT ALL GOT WHAT THEY HAD MISSED: VOID\n')
  );
}
