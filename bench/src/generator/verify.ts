import { Log } from '@natter/protocol';
import { mapSome } from '../concurrency.js';
import { getJson } from '../http.js';
import type { Room, Verification } from './contract.js';
import { type Ledger, messageNumberOf } from './ledger.js';
import type { Traffic } from './traffic.js';

const PAGE = 500;
const READERS = 4;

interface Findings {
  stored: number;
  unexpected: number;
}

async function checkChat(
  url: string,
  { chatId, tokens }: Room,
  ledger: Ledger,
  findings: Findings,
): Promise<void> {
  let after = 0;
  for (let hasMore = true; hasMore;) {
    const path = `/v1/chats/${chatId}/log?after=${after}&limit=${PAGE}`;
    const page = await getJson(url, path, tokens[0] ?? '', (body) => Log.parse(body));
    for (const { payload } of page.entries) {
      if (payload.seq <= after) findings.unexpected += 1;
      else if ('kind' in payload && payload.kind === 'text') {
        const number = messageNumberOf(payload.clientMessageId ?? '');
        if (ledger.holds(payload.seq, number, payload.id)) findings.stored += 1;
        else findings.unexpected += 1;
      }
      after = Math.max(after, payload.seq);
    }
    ({ hasMore } = page);
  }
}

/**
 * Reads the whole log of every chat and compares it with what was acknowledged there: the same message, under the same
 * seq, once. Nothing may be sent meanwhile.
 */
export async function verify(
  url: string,
  rooms: readonly Room[],
  traffic: Traffic,
): Promise<Verification> {
  const startMs = performance.now();
  const ledgers = new Map(traffic.senders.map(({ chatId, ledger }) => [chatId, ledger]));
  const findings: Findings = { stored: 0, unexpected: 0 };
  await mapSome(rooms, READERS, async (room) => {
    const ledger = ledgers.get(room.chatId);
    if (ledger) await checkChat(url, room, ledger, findings);
  });
  let acknowledged = 0;
  for (const ledger of ledgers.values()) acknowledged += ledger.acknowledged + ledger.repeats;
  return { acknowledged, ...findings, seconds: (performance.now() - startMs) / 1000 };
}
