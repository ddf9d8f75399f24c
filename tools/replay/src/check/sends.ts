import type { LedgerLine, OkLine } from '../ledger/ledger-line.js';
import { groupBy } from './group-by.js';

/** Everything the ledgers say about one `clientMessageId`. */
export interface Send {
  readonly clientMessageId: string;
  readonly line: number;
  readonly bodyHash: string;
  /** `fail` only where every attempt was definitely refused. */
  readonly outcome: 'ok' | 'fail' | 'unknown';
  readonly oks: readonly OkLine[];
  /** The codes with which attempts were refused. */
  readonly codes: readonly string[];
}

function toSend(clientMessageId: string, entries: readonly LedgerLine[]): Send | undefined {
  const [first] = entries;
  if (!first) return undefined;
  const oks = entries.filter((entry) => entry.type === 'ok');
  const codes = entries.flatMap((entry) => (entry.type === 'fail' ? entry.code : []));
  // An `invoke` that nothing follows is unknown: the replay was killed there.
  const invokes = entries.filter((entry) => entry.type === 'invoke');
  const refused = codes.length > 0 && codes.length === invokes.length;
  const outcome = oks.length > 0 ? 'ok' : refused ? 'fail' : 'unknown';
  return { clientMessageId, line: first.line, bodyHash: first.bodyHash, outcome, oks, codes };
}

/** The sends of one chat, by the line of the source that they sent. */
export function sendsByLine(
  ledger: readonly LedgerLine[],
  chatId: string,
): ReadonlyMap<number, Send[]> {
  const ofChat = ledger.filter((entry) => entry.chatId === chatId);
  const byId = groupBy(ofChat, (entry) => entry.clientMessageId);
  const sends = Array.from(byId, ([id, entries]) => toSend(id, entries) ?? []).flat();
  return groupBy(sends, (send) => send.line);
}
