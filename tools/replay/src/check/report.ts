import type { CheckResult } from './check.js';
import { type Finding, type FindingKind, findingKinds } from './findings.js';

/** The kinds in the order and lines of the report; the first line keeps its very form for scripts. */
const LINES: readonly (readonly FindingKind[])[] = [
  ['lost', 'duplicated', 'reordered'],
  ['phantom', 'altered'],
  ['unsent', 'unjustified', 'renumbered', 'holes', 'unequal', 'live'],
];
/** Findings of one kind that are named. */
const NAMED = 5;

function namesOf(kind: FindingKind, findings: readonly Finding[]): string[] {
  const ofKind = findings.filter((finding) => finding.kind === kind);
  if (ofKind.length === 0) return [];
  const more = ofKind.length - NAMED;
  return [
    `${kind}: ${findingKinds[kind]}`,
    ...ofKind.slice(0, NAMED).map(({ room, what }) => `  ${room}: ${what}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** The result for people and scripts: what was judged, the speed, the counts, and the first findings of each kind. */
export function reportOf({ findings, throughput, ...result }: CheckResult): string {
  const count = (kind: FindingKind): string =>
    `${kind} ${findings.filter((finding) => finding.kind === kind).length}`;
  return [
    `${result.rooms} ${result.rooms === 1 ? 'room' : 'rooms'}, ${result.lines} lines: ${result.acknowledged} acknowledged, ` +
      `${result.refused} refused, ${result.unresolved} unresolved`,
    `${Math.round(throughput.messagesPerSecond)} messages per second over ${throughput.seconds.toFixed(1)} s; ` +
      `${result.deliveries} deliveries to ${result.listeners} listening devices`,
    ...LINES.map((kinds) => kinds.map(count).join(', ')),
    ...LINES.flat().flatMap((kind) => namesOf(kind, findings)),
    '',
  ].join('\n');
}
