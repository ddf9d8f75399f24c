import type { ChatId, ClientMessageId } from '@natter/protocol';
import type { Queries } from '../database/database.js';
import { type AppendOutcome, appendTogether, type MessageDraft } from './append-statement.js';

interface Send {
  readonly draft: MessageDraft;
  /** The one before it in the batch that it repeats: the same sender's, to the same chat, under the same client id. */
  readonly repeated: Send | undefined;
  outcome: AppendOutcome | undefined;
}

function toSends(drafts: readonly MessageDraft[]): Send[] {
  const firsts = new Map<ClientMessageId, Send[]>();
  return drafts.map((draft) => {
    const { chatId, senderId, clientMessageId } = draft;
    if (clientMessageId === undefined) return { draft, repeated: undefined, outcome: undefined };
    const named = firsts.get(clientMessageId);
    const repeated = named?.find(
      ({ draft: first }) => first.chatId === chatId && first.senderId === senderId,
    );
    const send: Send = { draft, repeated, outcome: undefined };
    if (!named) firsts.set(clientMessageId, [send]);
    else if (!repeated) named.push(send);
    return send;
  });
}

/** With other content a repeat is a conflict (IDEM-1), also where the first is refused: both were sent before either answer. */
function repeatOutcome(
  draft: MessageDraft,
  first: MessageDraft,
  outcome: AppendOutcome,
): AppendOutcome {
  if (outcome.outcome === 'busy') return outcome;
  const isSame = draft.fingerprint !== undefined && first.fingerprint?.equals(draft.fingerprint);
  if (isSame !== true) return { outcome: 'conflict' };
  return outcome.outcome === 'appended' ? { outcome: 'duplicate', messageId: first.id } : outcome;
}

function outcomeOf({ draft, repeated, outcome }: Send): AppendOutcome {
  if (repeated) return repeatOutcome(draft, repeated.draft, outcomeOf(repeated));
  if (!outcome) throw new Error('Unable to find the outcome of an append');
  return outcome;
}

/** What waits for something in a chat has the rest of that chat wait behind it. */
function holdBackBehindBusy(sends: readonly Send[]): void {
  const busy = new Set<ChatId>();
  for (const { draft, outcome } of sends) if (outcome?.outcome === 'busy') busy.add(draft.chatId);
  if (busy.size === 0) return;
  for (const send of sends) if (busy.has(send.draft.chatId)) send.outcome ??= { outcome: 'busy' };
}

/**
 * Appends drafts; the outcomes are in the order of the drafts. That takes one round trip, and where drafts are refused one
 * more for the others, whose places are counted anew. Only the last one stores anything: where one fails, nothing is stored.
 *
 * @param lockTimeoutMs How long to wait for chats that another transaction holds; without it such drafts are `busy`.
 */
export async function appendBatch(
  queries: Queries,
  drafts: readonly MessageDraft[],
  lockTimeoutMs?: number,
): Promise<AppendOutcome[]> {
  const sends = toSends(drafts);
  let left = sends.filter(({ repeated }) => !repeated);
  while (left.length > 0) {
    const outcomes = await appendTogether(
      queries,
      left.map(({ draft }) => draft),
      lockTimeoutMs,
    );
    for (const [index, send] of left.entries()) send.outcome = outcomes[index];
    holdBackBehindBusy(left);
    left = left.filter(({ outcome }) => !outcome);
  }
  return sends.map(outcomeOf);
}
