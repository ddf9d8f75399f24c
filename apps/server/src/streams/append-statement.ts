import {
  type ChatId,
  type ClientMessageId,
  type DeviceId,
  type MediaId,
  type Message,
  type MessageId,
  shownLimits,
  type System,
  type UserId,
} from '@natter/protocol';
import { CompiledQuery } from 'kysely';
import {
  boolArray,
  byteaArray,
  int8Array,
  textArray,
  uuidArray,
} from '../database/binary-arrays.js';
import type { Queries } from '../database/database.js';
import { placesOf } from './append-places.js';
import type { CommittedChatEntry, MarkMove } from './commit.js';
import { toMessage } from './message-row.js';
import { toMessageEntry } from './stream-row.js';

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
  /** `Encrypted` as JSON text. */
  readonly encrypted?: string | undefined;
  /** In their order: own uploads of the sender; of a forwarded message, what the source holds. */
  readonly mediaIds?: readonly MediaId[] | undefined;
  readonly system?: System | undefined;
  /** Must be a message of the chat that the sender can see. */
  readonly replyToId?: MessageId | undefined;
  readonly forwarded?: boolean;
}

/**
 * What became of a draft. `blocking`: the sender blocks the other of a direct chat. `duplicate`: it was sent before, as
 * the message named. `conflict`: its client id stands for other content. `replyNotFound`: the sender cannot see what it replies to. `mediaNotFound`:
 * some of its media are none of his uploads, or gone. `mediaNotOpaque`: an encrypted message names media that are not.
 * `busy`: another transaction holds the chat or the media, and nothing was done.
 */
export type AppendOutcome = SettledOutcome | { readonly outcome: 'busy' };

export type SettledOutcome =
  | Appended
  | { readonly outcome: 'duplicate'; readonly messageId: MessageId }
  | {
      readonly outcome:
        | 'conflict'
        | 'notMember'
        | 'forbidden'
        | 'blocking'
        | 'replyNotFound'
        | MediaRefusal;
    };

type MediaRefusal = 'mediaNotFound' | 'mediaNotOpaque';

export interface Appended {
  readonly outcome: 'appended';
  /** As its sender sees it, and everybody else who is not named below. */
  readonly message: Message;
  /** Members from whom the message that it quotes is hidden. */
  readonly unquotedFor: readonly UserId[];
  /** Who blocks the sender and never sees the message (BLOCK-1). */
  readonly silencedFor: UserId | undefined;
  /** The sender's marks, where sending marked messages of others as seen (RCPT-1). */
  readonly markMove: MarkMove | undefined;
}

interface OutcomeRow {
  /** `again`: could be appended, but was not, because another of the batch is refused. */
  outcome: AppendOutcome['outcome'] | 'again';
  /** Of the message of which this is a repeat. */
  message_id: MessageId | null;
  seq: number;
  created_at: Date;
  mentions: UserId[] | null;
  username: string;
  display_name: string;
  avatar: string | null;
  media: unknown;
  reply_sender_id: UserId | null;
  reply_kind: Message['kind'] | null;
  reply_text: string | null;
  reply_hidden_from: UserId[] | null;
  delivered_before: number | null;
  seen_before: number | null;
  expires_at: Date | null;
  silenced_for: UserId | null;
}

const APPEND = `select * from append_batch(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20
)`;

/** Ids as an array of PostgreSQL: an array of arrays would have to be as wide in each of its rows. */
function arrayLiteral(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}

function toOutcome(draft: MessageDraft, row: OutcomeRow): AppendOutcome | undefined {
  if (row.outcome === 'again') return undefined;
  if (row.outcome === 'duplicate') {
    if (row.message_id === null) throw new Error('Unable to name the first of a repeat');
    return { outcome: 'duplicate', messageId: row.message_id };
  }
  if (row.outcome !== 'appended') return { outcome: row.outcome };
  return {
    outcome: 'appended',
    message: toMessage({
      chat_id: draft.chatId,
      seq: row.seq,
      id: draft.id,
      kind: draft.kind,
      sender_id: draft.senderId,
      sender_device_id: draft.senderDeviceId ?? null,
      client_message_id: draft.clientMessageId ?? null,
      text: draft.text ?? null,
      mentions: row.mentions,
      encrypted: draft.encrypted ?? null,
      media: row.media,
      system: draft.system ?? null,
      reply_to_id: draft.replyToId ?? null,
      forwarded: draft.forwarded ?? false,
      created_at: row.created_at,
      edited_at: null,
      deleted_at: null,
      pinned_at: null,
      expires_at: row.expires_at,
      username: row.username,
      display_name: row.display_name,
      avatar: row.avatar,
      reply_sender_id: row.reply_sender_id,
      reply_kind: row.reply_kind,
      reply_text: row.reply_text,
      reactions: null,
      starred: false,
    }),
    unquotedFor: row.reply_hidden_from ?? [],
    silencedFor: row.silenced_for ?? undefined,
    markMove: toMarkMove(draft, row),
  };
}

function toMarkMove(
  draft: MessageDraft,
  { delivered_before: deliveredBefore, seen_before: seenBefore, seq, created_at: at }: OutcomeRow,
): MarkMove | undefined {
  if (deliveredBefore === null || seenBefore === null) return undefined;
  const { chatId, senderId: userId } = draft;
  return { chatId, userId, deliveredBefore, seenBefore, deliveredSeq: seq, seenSeq: seq, at };
}

/** What was appended, in the form in which it goes to the sockets. */
export function committedEntry(
  { message, unquotedFor, silencedFor }: Appended,
  exceptSocketId: string | undefined,
): CommittedChatEntry {
  const { chatId, seq } = message;
  const hiddenFrom = silencedFor === undefined ? [] : [silencedFor];
  return { chatId, seq, entry: toMessageEntry(message), exceptSocketId, hiddenFrom, unquotedFor };
}

/**
 * Appends all drafts or none, in one round trip: where some of them are refused, the others have no outcome yet. A chat
 * that is held counts for none of the others. No two drafts may be the same send.
 */
export async function appendTogether(
  queries: Queries,
  drafts: readonly MessageDraft[],
  lockTimeoutMs: number | undefined,
): Promise<(AppendOutcome | undefined)[]> {
  const { places, ordinals, isLast, othersBefore } = placesOf(drafts);
  const values = [
    uuidArray(drafts.map((draft) => draft.chatId)),
    uuidArray(drafts.map((draft) => draft.senderId)),
    uuidArray(drafts.map((draft) => draft.senderDeviceId)),
    uuidArray(drafts.map((draft) => draft.id)),
    uuidArray(drafts.map((draft) => draft.clientMessageId)),
    byteaArray(drafts.map((draft) => draft.fingerprint)),
    textArray(drafts.map((draft) => draft.kind)),
    textArray(drafts.map((draft) => draft.text)),
    textArray(drafts.map((draft) => draft.mentions && arrayLiteral([...new Set(draft.mentions)]))),
    textArray(drafts.map((draft) => draft.encrypted)),
    textArray(drafts.map((draft) => draft.system && JSON.stringify(draft.system))),
    uuidArray(drafts.map((draft) => draft.replyToId)),
    boolArray(drafts.map((draft) => draft.forwarded ?? false)),
    textArray(drafts.map((draft) => draft.mediaIds && arrayLiteral(draft.mediaIds))),
    int8Array(places),
    int8Array(ordinals),
    boolArray(isLast),
    int8Array(othersBefore),
    shownLimits.previewLength,
    lockTimeoutMs ?? null,
  ];
  // Its text is always the same, so that it is prepared once for each connection.
  const { rows } = await queries.executeQuery<OutcomeRow>(CompiledQuery.raw(APPEND, values));
  return drafts.map((draft, index) => {
    const row = rows[index];
    if (!row)
      throw new Error('Unable to read the outcome of an append; the database gave too few rows');
    return toOutcome(draft, row);
  });
}
