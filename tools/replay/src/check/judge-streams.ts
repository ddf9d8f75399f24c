import { bodyHashOf, type LiveLine } from '../ledger/ledger-line.js';
import type { RoomOfRun } from '../ledger/run-file.js';
import type { Finding } from './findings.js';
import type { SeenChat, SeenEntry, SeenMessage } from './fresh-device.js';

function hashOf({ text }: { text?: string | undefined }): string | undefined {
  return text === undefined ? undefined : bodyHashOf(text);
}

/** The log is dense from 1 (SEQ-1), and brings the messages of the history and no others. */
export function judgeLog(room: string, { messages, entries }: SeenChat): Finding[] {
  const findings: Finding[] = [];
  let last = 0;
  for (const { seq, toSeq } of entries) {
    if (seq !== last + 1)
      findings.push({ kind: 'holes', room, what: `seq ${seq} follows ${last}` });
    last = toSeq;
  }
  const inLog = new Map(
    entries.flatMap(({ message }) => (message ? [[message.seq, message]] : [])),
  );
  const inHistory = new Map(messages.map((message) => [message.seq, message]));
  for (const seq of new Set([...inLog.keys(), ...inHistory.keys()])) {
    if (!isSame(inLog.get(seq), inHistory.get(seq))) {
      findings.push({ kind: 'unequal', room, what: `seq ${seq} in the log and in the history` });
    }
  }
  return findings;
}

function isSame(a: SeenMessage | undefined, b: SeenMessage | undefined): boolean {
  return a?.id === b?.id && a?.senderId === b?.senderId && a?.text === b?.text;
}

/** The listening device received every entry of the log at least once, and in its order (FAN-1). */
export function judgeLive(
  { room, chatId, liveAfterSeq }: RoomOfRun,
  live: readonly LiveLine[],
  entries: readonly SeenEntry[],
): Finding[] {
  const findings: Finding[] = [];
  const find = (what: string): number => findings.push({ kind: 'live', room, what });
  const inLog = new Map(entries.map((entry) => [entry.seq, entry]));
  let highest = liveAfterSeq;
  for (const { seq, toSeq = seq, messageId, bodyHash, chatId: ofChat } of live) {
    if (ofChat !== chatId || seq === undefined || toSeq === undefined) continue;
    if (seq > highest + 1) find(`seq ${seq} came after ${highest}`);
    const message = inLog.get(seq)?.message;
    if (message?.id !== messageId || (message && hashOf(message) !== bodyHash)) {
      find(`seq ${seq} was not what the log has`);
    }
    highest = Math.max(highest, toSeq);
  }
  const last = entries.at(-1)?.toSeq ?? 0;
  if (highest < last) find(`nothing came after seq ${highest}; the log goes on to ${last}`);
  return findings;
}
