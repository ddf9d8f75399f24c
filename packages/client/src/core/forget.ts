import type { MessageId } from '@natter/protocol';
import { type ChatState, type ClientState, type StoredMessage, withChat } from './state.js';
import { pinsOf, replyView, starsOf } from './views.js';

/** What a reply shows of a message that is forgotten is of today; what happens to it from now on is told by entries. */
function withReplyOfToday(chat: ChatState, message: StoredMessage): StoredMessage {
  return message.replyTo ? { ...message, replyTo: replyView(chat, message.replyTo) } : message;
}

function forgetIn(chat: ChatState, keep: number): ChatState {
  if (chat.messages.size <= keep) return chat;
  const seqs = Array.from(chat.messages.values(), ({ seq }) => seq).toSorted((a, b) => b - a);
  // What is unread is counted from what is loaded: all of that stays.
  const readUpTo = Math.max(chat.me.seenSeq, chat.clearedSeq);
  const from = Math.min(seqs[keep - 1] ?? 1, readUpTo + 1);
  if (from <= chat.loadedFrom) return chat;
  const messages = new Map<MessageId, StoredMessage>();
  for (const message of chat.messages.values()) {
    if (message.seq >= from) messages.set(message.id, withReplyOfToday(chat, message));
  }
  // Whether a message is gone is known of those alone that are here.
  return { ...chat, messages, loadedFrom: from, pins: pinsOf(chat) };
}

/**
 * Forgets messages that have been read, beyond the newest ones of each chat; pages bring them back.
 *
 * @param keep At least 1.
 */
export function forgetOld(state: ClientState, keep: number): ClientState {
  const after = [...state.chats.values()].reduce<ClientState>(
    (left, chat) => withChat(left, forgetIn(chat, keep)),
    state,
  );
  return after === state ? state : { ...after, starred: starsOf(state) };
}
