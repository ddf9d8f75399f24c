import type { IdleComparison } from '../figures.js';
import type { IdleFigures } from '../scenarios/idle.js';
import { describeSpread, whole } from './parts.js';
import { table } from './table.js';

const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;

function idleRow(name: string, index: number, figures: IdleFigures): string[] {
  return [
    `${name} ${index + 1}`,
    `${(figures.bytesPerConnection / KIBIBYTE).toFixed(1)} KiB`,
    `${(figures.residentBefore / MEBIBYTE).toFixed(1)} MiB`,
    `${(figures.residentAfter / MEBIBYTE).toFixed(1)} MiB`,
    whole(figures.connectsPerSecond),
    whole(figures.connectsPerCpuSecond),
    figures.settled ? 'yes' : 'NO',
  ];
}

export function describeIdle({ natter, raw, ratio }: IdleComparison, users: number): string {
  const rows = natter.flatMap((figures, index) => {
    const bare = raw[index];
    const own = idleRow('Natter', index, figures);
    return bare ? [own, idleRow('raw', index, bare)] : [own];
  });
  return (
    `\n${whole(natter[0]?.connections ?? 0)} idle connections of ${users} users, each in a chat; fresh servers, after garbage collection\n` +
    table(
      ['', 'RSS per connection', 'before', 'after', 'connects/s', 'per server CPU s', 'settled'],
      rows,
    ) +
    `  ratio: ${describeSpread(ratio, (value) => value.toFixed(2))}\n`
  );
}
