import type { ChatId, ClientMessageId } from '@natter/protocol';
import type { Queries } from '../database/database.js';
import { type AppendOutcome, appendTogether, type MessageDraft } from './append-statement.js';

/** A draft on its way to its outcome. */
interface Candidate {
  readonly draft: MessageDraft;
  /** The one before it in the batch that it repeats: the same sender's, to the same chat, under the same client id. */
  readonly repeated: Candidate | undefined;
  outcome: AppendOutcome | undefined;
}

function isSameSend(draft: MessageDraft, other: MessageDraft): boolean {
  return (
    draft.clientMessageId === other.clientMessageId &&
    draft.chatId === other.chatId &&
    draft.senderId === other.senderId
  );
}

function toCandidates(drafts: readonly MessageDraft[]): readonly Candidate[] {
  const clientIds = new Set<ClientMessageId>();
  const candidates: Candidate[] = [];
  for (const draft of drafts) {
    const { clientMessageId } = draft;
    const isNamed = clientMessageId !== undefined;
    // Only where the client id came before is the rest of the batch looked through.
    const repeated =
      isNamed && clientIds.has(clientMessageId)
        ? candidates.find((candidate) => isSameSend(candidate.draft, draft))
        : undefined;
    if (isNamed) clientIds.add(clientMessageId);
    candidates.push({ draft, repeated, outcome: undefined });
  }
  return candidates;
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

function outcomeOf({ draft, repeated, outcome }: Candidate): AppendOutcome {
  if (repeated) return repeatOutcome(draft, repeated.draft, outcomeOf(repeated));
  if (!outcome) throw new Error('Unable to find the outcome of an append');
  return outcome;
}

/** What waits for something in a chat has the rest of that chat wait behind it. */
function holdBackBehindBusy(candidates: readonly Candidate[]): void {
  const busy = new Set<ChatId>();
  for (const { draft, outcome } of candidates)
    if (outcome?.outcome === 'busy') busy.add(draft.chatId);
  if (busy.size === 0) return;
  for (const candidate of candidates) {
    if (busy.has(candidate.draft.chatId)) candidate.outcome ??= { outcome: 'busy' };
  }
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
  const candidates = toCandidates(drafts);
  let left = candidates.filter(({ repeated }) => !repeated);
  while (left.length > 0) {
    const outcomes = await appendTogether(
      queries,
      left.map(({ draft }) => draft),
      lockTimeoutMs,
    );
    for (const [index, candidate] of left.entries()) candidate.outcome = outcomes[index];
    holdBackBehindBusy(left);
    left = left.filter(({ outcome }) => !outcome);
  }
  return candidates.map(outcomeOf);
}
