import type {
  ChatId,
  ClientMessageId,
  DeviceId,
  Message,
  MessageId,
  System,
  UserId,
} from '@natter/protocol';
import type { MessageRow } from './message-row.js';

/** A message that is to be appended; the append gives it its `seq` and time. */
export interface MessageDraft {
  readonly id: MessageId;
  readonly chatId: ChatId;
  readonly kind: Message['kind'];
  readonly senderId: UserId;
  readonly senderDeviceId?: DeviceId | undefined;
  readonly clientMessageId?: ClientMessageId | undefined;
  /** Of the input as sent; equal for a true repeat (IDEM-1). */
  readonly fingerprint?: Buffer | undefined;
  readonly text?: string | undefined;
  readonly mentions?: readonly UserId[] | undefined;
  readonly system?: System | undefined;
}

/**
 * What became of a draft. `duplicate`: it was sent before, as the message named. `conflict`: its client id stands for
 * other content. `busy`: another transaction holds the chat, and nothing was done.
 */
export type AppendOutcome = SettledOutcome | { readonly outcome: 'busy' };

export type SettledOutcome =
  | { readonly outcome: 'appended'; readonly row: MessageRow }
  | { readonly outcome: 'duplicate'; readonly messageId: MessageId }
  | { readonly outcome: 'conflict' | 'notMember' | 'forbidden' };

interface OutcomeRow {
  outcome: AppendOutcome['outcome'];
  message_id: MessageId;
  seq: number;
  created_at: Date;
  mentions: UserId[] | null;
  username: string;
  display_name: string;
}

const APPEND = 'select * from append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)';

/** Whatever runs one statement: a pool, or a client in a transaction. */
export interface StatementRunner {
  query(text: string, values: unknown[]): Promise<{ rows: OutcomeRow[] }>;
}

function toOutcome(draft: MessageDraft, row: OutcomeRow): AppendOutcome {
  if (row.outcome === 'duplicate') return { outcome: 'duplicate', messageId: row.message_id };
  if (row.outcome !== 'appended') return { outcome: row.outcome };
  return {
    outcome: 'appended',
    row: {
      chat_id: draft.chatId,
      seq: row.seq,
      id: draft.id,
      kind: draft.kind,
      sender_id: draft.senderId,
      sender_device_id: draft.senderDeviceId ?? null,
      client_message_id: draft.clientMessageId ?? null,
      text: draft.text ?? null,
      mentions: row.mentions,
      system: draft.system ?? null,
      created_at: row.created_at,
      username: row.username,
      display_name: row.display_name,
    },
  };
}

/**
 * Appends drafts in one round trip; the outcomes are in the order of the drafts.
 *
 * @param lockTimeoutMs How long to wait for chats that another transaction holds; without it such drafts are `busy`.
 */
export async function appendBatch(
  runner: StatementRunner,
  drafts: readonly MessageDraft[],
  lockTimeoutMs?: number,
): Promise<AppendOutcome[]> {
  const { rows } = await runner.query(APPEND, [
    drafts.map((draft) => draft.chatId),
    drafts.map((draft) => draft.senderId),
    drafts.map((draft) => draft.senderDeviceId ?? null),
    drafts.map((draft) => draft.id),
    drafts.map((draft) => draft.clientMessageId ?? null),
    drafts.map((draft) => draft.fingerprint ?? null),
    drafts.map((draft) => draft.kind),
    drafts.map((draft) => draft.text ?? null),
    drafts.map((draft) => (draft.mentions ? `{${draft.mentions.join(',')}}` : null)),
    drafts.map((draft) => (draft.system ? JSON.stringify(draft.system) : null)),
    lockTimeoutMs ?? null,
  ]);
  return drafts.map((draft, index) => {
    const row = rows[index];
    if (!row)
      throw new Error('Unable to read the outcome of an append; the database gave too few rows');
    return toOutcome(draft, row);
  });
}
