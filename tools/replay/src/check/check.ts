import { readEvidence } from './evidence.js';
import type { Verdict } from './findings.js';
import { FreshDevice } from './fresh-device.js';
import { judgeSends } from './judge-sends.js';
import { judgeLive, judgeLog } from './judge-streams.js';
import { sendsByLine } from './sends.js';
import { readSource, type Written } from './source.js';
import { type Throughput, throughputOf } from './throughput.js';

/** Where to look; what is not given is as the run wrote it down. */
export interface CheckOptions {
  readonly ledgers: string;
  /** The server, where it answers elsewhere than during the replay. */
  readonly url?: string | undefined;
  /** The source file, where it lies elsewhere now. */
  readonly file?: string | undefined;
}

export interface CheckResult extends Verdict {
  readonly rooms: number;
  readonly lines: number;
  readonly throughput: Throughput;
  /** What the listening devices received, and how many they are. */
  readonly deliveries: number;
  readonly listeners: number;
}

/**
 * Compares what the ledgers say, what the source file holds, and what a device that logs in anew sees. It trusts
 * nothing that the replaying process did beside its ledgers.
 */
export async function check({ ledgers, url, file }: CheckOptions): Promise<CheckResult> {
  const { run, ledger, live } = await readEvidence(ledgers);
  const source = await readSource(
    file ?? run.file,
    run.rooms.map(({ room }) => room),
  );
  const authors = new Map(run.people.map(({ nick, userId }) => [nick, userId]));
  const verdicts: Verdict[] = [];
  for (const room of run.rooms) {
    const device = await FreshDevice.login(url ?? run.url, room.member);
    const seen = await device.see(room.chatId);
    const written = source.get(room.room) ?? [];
    const sends = sendsByLine(ledger, room.chatId);
    requireSourceOf(sends, written, room.room);
    const verdict = judgeSends({
      room: room.room,
      written,
      sends,
      messages: seen.messages,
      authors,
      order: run.order,
    });
    const streams = [
      ...judgeLog(room.room, seen),
      ...(live.get(room.room) ?? []).flatMap((lines) => judgeLive(room, lines, seen.entries)),
    ];
    verdicts.push({ ...verdict, findings: [...verdict.findings, ...streams] });
  }
  return {
    rooms: run.rooms.length,
    lines: Array.from(source.values(), (lines) => lines.length).reduce(
      (sum, lines) => sum + lines,
      0,
    ),
    throughput: throughputOf(ledger),
    deliveries: [...live.values()].flat(2).filter(({ messageId }) => messageId !== undefined)
      .length,
    listeners: [...live.values()].flat().length,
    ...sumOf(verdicts),
  };
}

/** With another file than was replayed nothing could be judged. */
function requireSourceOf(
  sends: ReadonlyMap<number, unknown>,
  written: readonly Written[],
  room: string,
): void {
  const lines = new Set(written.map(({ line }) => line));
  const missing = [...sends.keys()].find((line) => !lines.has(line));
  if (missing === undefined && lines.size > 0) return;
  throw new Error(
    `the source file is not the one that was replayed; ${room} is not as it was sent`,
  );
}

function sumOf(verdicts: readonly Verdict[]): Verdict {
  const sum = (count: (verdict: Verdict) => number): number =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0);
  return {
    findings: verdicts.flatMap(({ findings }) => findings),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    refused: sum(({ refused }) => refused),
    unresolved: sum(({ unresolved }) => unresolved),
  };
}
