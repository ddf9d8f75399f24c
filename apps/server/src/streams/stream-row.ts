import {
  type ChatEntry,
  type ChatId,
  Emoji,
  type Message,
  type MessageId,
  type UserId,
} from '@natter/protocol';
import { sql } from 'kysely';
import * as z from 'zod/mini';
import type { CommittedChatEntry } from './commit.js';
import { type MessageRow, toMessage } from './message-row.js';
import type { CommonMessageRow, MessageKey } from './message-view.js';
import { reportUnreadable } from './unreadable-rows.js';

/** What can happen to a message; each is stored under this name. */
export type ChangeEvent =
  | 'messageEdited'
  | 'messageDeleted'
  | 'reactionChanged'
  | 'messagePinned'
  | 'messageUnpinned';

/** The `details` of `reactionChanged`. */
export const ReactionDetails = z.object({ emoji: Emoji, added: z.boolean() });

/** One entry of a chat's stream as it is stored: a message, or what happened to one. */
export interface StreamRow {
  chat_id: ChatId;
  seq: number;
  /** `message`, or a `ChangeEvent`; a newer version may have stored others. */
  event: string;
  /** Of the message that it is or that it happened to. */
  message_seq: number;
  message_id: MessageId;
  /** Who did it. */
  user_id: UserId;
  details: unknown;
  created_at: Date;
  /** Bytes of content that the entry shows, at most. */
  size: number;
}

/** The columns of a `StreamRow`, of `messages n` and of `changes n`. */
export const streamColumnsOfMessages = sql`
  n.chat_id, n.seq, 'message' as event, n.seq as message_seq, n.id as message_id, n.sender_id as user_id,
  null::jsonb as details, n.created_at,
  coalesce(octet_length(n.text), 0) + coalesce(octet_length(n.encrypted), 0) as size`;
export const streamColumnsOfChanges = sql`
  n.chat_id, n.seq, n.event, n.message_seq, n.message_id, n.user_id, n.details, n.created_at,
  case when n.event = 'messageEdited' then (
    select coalesce(octet_length(e.text), 0) + coalesce(octet_length(e.encrypted), 0)
    from messages e where e.chat_id = n.chat_id and e.seq = n.message_seq
  ) else 0 end as size`;

/** Bytes of content up to which entries are put into one page: more of them make it end before its limit. */
const PAGE_BYTES = 1024 * 1024;

/** The first of the rows that make up one page, at least one of them. */
export function pageOf(rows: readonly StreamRow[], limit: number): StreamRow[] {
  let bytes = 0;
  const over = rows.findIndex((row, index) => {
    bytes += row.size;
    return index > 0 && bytes > PAGE_BYTES;
  });
  return rows.slice(0, over === -1 ? limit : Math.min(over, limit));
}

/** The messages that stream rows are about. */
export function keysOfRows(rows: readonly StreamRow[]): MessageKey[] {
  const keys = new Map(
    rows.map((row) => [
      `${row.chat_id}:${row.message_seq}`,
      [row.chat_id, row.message_seq] as const,
    ]),
  );
  return [...keys.values()];
}

/** Finds the message that a stream row is about. */
export function messagesByKey<T extends MessageRow>(
  messages: readonly T[],
): (row: StreamRow) => T | undefined {
  const byKey = new Map(messages.map((message) => [`${message.chat_id}:${message.seq}`, message]));
  return (row) => byKey.get(`${row.chat_id}:${row.message_seq}`);
}

/** The place of an entry for someone who cannot see it (SYNC-4). */
export function skipped({ chat_id: chatId, seq }: Pick<StreamRow, 'chat_id' | 'seq'>): ChatEntry {
  return { event: 'entrySkipped', payload: { chatId, seq } };
}

/** An entry that nobody can see, because nothing is known of it that makes sense. */
function unreadable(row: StreamRow): ChatEntry {
  reportUnreadable({ what: 'chatEvent', streamId: row.chat_id, seq: row.seq });
  return skipped(row);
}

/** A new message as the event of its kind. */
export function toMessageEntry(message: Message): ChatEntry {
  switch (message.kind) {
    case 'encrypted':
      return { event: 'newEncryptedMessage', payload: message };
    case 'media':
      return { event: 'newMediaMessage', payload: message };
    case 'text':
    case 'system':
      return { event: 'newMessage', payload: message };
  }
}

/**
 * A stored entry in the form of its event, with today's content (SYNC-1).
 *
 * @param message What the entry is about, as the reader sees it; without it he cannot see the entry (SYNC-4).
 */
export function toChatEntry(row: StreamRow, message: MessageRow | undefined): ChatEntry {
  if (!message) return skipped(row);
  const { chat_id: chatId, seq, message_id: messageId, user_id: userId } = row;
  switch (row.event) {
    case 'message':
      return toMessageEntry(toMessage(message));
    case 'messageEdited':
      return { event: row.event, payload: { chatId, seq, message: toMessage(message) } };
    case 'messageDeleted':
      return {
        event: row.event,
        payload: {
          chatId,
          seq,
          messageId,
          scope: 'everyone',
          deletedBy: userId,
          at: (message.deleted_at ?? row.created_at).toISOString(),
        },
      };
    case 'reactionChanged': {
      const { success, data: change } = z.safeParse(ReactionDetails, row.details);
      if (!success) return unreadable(row);
      // Of a tombstone the reactions are gone, and so is what tells of them (MSG-3).
      if (message.deleted_at) return skipped(row);
      const reactions = (message.reactions ?? []).map(({ emoji, count }) => ({ emoji, count }));
      return {
        event: row.event,
        payload: { chatId, seq, messageId, userId, ...change, reactions },
      };
    }
    case 'messagePinned':
    case 'messageUnpinned':
      return { event: row.event, payload: { chatId, seq, messageId, userId } };
    default:
      return unreadable(row);
  }
}

/** Neighbouring entries that are skipped, as one that covers them. */
export function joinSkipped(entries: readonly ChatEntry[]): ChatEntry[] {
  const joined: ChatEntry[] = [];
  for (const entry of entries) {
    const last = joined.at(-1);
    const continues =
      entry.event === 'entrySkipped' &&
      last?.event === 'entrySkipped' &&
      last.payload.chatId === entry.payload.chatId &&
      (last.payload.toSeq ?? last.payload.seq) + 1 === entry.payload.seq;
    if (continues) {
      joined[joined.length - 1] = {
        event: 'entrySkipped',
        payload: { ...last.payload, toSeq: entry.payload.toSeq ?? entry.payload.seq },
      };
    } else {
      joined.push(entry);
    }
  }
  return joined;
}

/** An entry as it goes to the sockets of all members, with those of them who see it differently. */
export function toCommittedEntry(
  row: StreamRow,
  message: CommonMessageRow | undefined,
): CommittedChatEntry {
  return {
    chatId: row.chat_id,
    seq: row.seq,
    entry: toChatEntry(row, message),
    hiddenFrom: message?.hidden_from ?? [],
    unquotedFor: message?.reply_hidden_from ?? [],
  };
}
