import { LoadedMessages } from './loaded-messages.js';
import { type ChatState, type ClientState, type StoredMessage, withChat } from './state.js';
import { pinsOf, replyView, starsOf } from './views.js';

/** What a reply shows of a message that is forgotten is of today; what happens to it from now on is told by entries. */
function withReplyOfToday(chat: ChatState, message: StoredMessage): StoredMessage {
  return message.replyTo ? { ...message, replyTo: replyView(chat, message.replyTo) } : message;
}

function forgetIn(chat: ChatState, keep: number): ChatState {
  const seqs = Array.from(chat.messages, ({ seq }) => seq);
  if (seqs.length <= keep) return chat;
  // What is unread is counted from what is loaded: all of that stays.
  const readUpTo = Math.max(chat.me.seenSeq, chat.clearedSeq);
  const from = Math.min(seqs.at(-keep) ?? 1, readUpTo + 1);
  if (from <= chat.loadedFrom) return chat;
  const kept = [...chat.messages]
    .filter(({ seq }) => seq >= from)
    .map((message) => withReplyOfToday(chat, message));
  // Whether a message is gone is known of those alone that are here.
  return {
    ...chat,
    messages: LoadedMessages.of(kept),
    loadedFrom: from,
    pins: pinsOf(chat),
  };
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
