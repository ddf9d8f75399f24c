import {
  type Chat,
  type Message,
  type MessageId,
  previewOf,
  type ReplyTo,
  type Sender,
  type UserId,
} from '@natter/protocol';
import type { ChatState, ClientState, MemberState, Star, StoredMessage } from './state.js';
import { unreadCount } from './unread.js';

/** What a reply shows of a message: today's text, and nothing of one that is gone or that the user cannot see (MSG-5). */
export function replyView(chat: ChatState, replyTo: ReplyTo): ReplyTo {
  const { preview, ...reference } = replyTo;
  const { messageId } = reference;
  const quoted = chat.messages.get(messageId);
  if (quoted) {
    return quoted.text === undefined
      ? reference
      : { ...reference, preview: previewOf(quoted.text) };
  }
  const isDeleted = chat.unplaced.get(messageId)?.some(({ event }) => event === 'messageDeleted');
  if (chat.hidden.has(messageId) || isDeleted || preview === undefined) return reference;
  return { ...reference, preview };
}

/** A message as the server would show it now. */
export function messageView(
  { users }: ClientState,
  chat: ChatState,
  message: StoredMessage,
): Message {
  const { replyTo, ...rest } = message;
  const sender: Sender = users.get(message.senderId) ?? {
    id: message.senderId,
    username: '',
    displayName: '',
  };
  return { ...rest, sender, ...(replyTo && { replyTo: replyView(chat, replyTo) }) };
}

/** All messages from `loadedFrom` on, by `seq`. */
export function messagesOf(state: ClientState, chat: ChatState): Message[] {
  return [...chat.messages]
    .filter(({ seq }) => seq >= chat.loadedFrom)
    .map((message) => messageView(state, chat, message));
}

/** The newest of all messages from `loadedFrom` on, as it is stored. */
export function newestMessage({ messages, loadedFrom }: ChatState): StoredMessage | undefined {
  const { last } = messages;
  return last && last.seq >= loadedFrom ? last : undefined;
}

/** The newest message that the user can see; `null` where there is none, `undefined` where that is not loaded. */
export function lastMessageOf(state: ClientState, chat: ChatState): Message | null | undefined {
  const last = newestMessage(chat);
  if (last) return messageView(state, chat, last);
  return chat.loadedFrom === 1 ? null : undefined;
}

export interface ChatView extends Omit<Chat, 'participants' | 'lastMessage' | 'me'> {
  readonly members: readonly (MemberState & { readonly userId: UserId })[];
  readonly lastMessage: Message | null | undefined;
  /** `unreadCount` is `undefined` where it is not known. */
  readonly me: ChatState['me'] & { readonly unreadCount: number | undefined };
}

/** A chat as the server would show it now, with all members who are known. */
export function chatView(state: ClientState, chat: ChatState): ChatView {
  const { id, type, createdBy, createdAt, lastActivityAt, lastSeq, info } = chat;
  return {
    id,
    type,
    ...info,
    createdBy,
    createdAt,
    lastActivityAt,
    lastSeq,
    members: [...chat.members].map(([userId, member]) => ({ userId, ...member })),
    lastMessage: lastMessageOf(state, chat),
    me: { ...chat.me, unreadCount: unreadCount(chat, state.me) },
  };
}

/** The last pinned first; `undefined` until they are loaded. */
export function pinsOf(chat: ChatState): MessageId[] | undefined {
  return chat.pins?.filter((messageId) => !isGone(chat, messageId));
}

/** The stars of messages that the user can still see, the last one first; `undefined` until they are loaded. */
export function starsOf(state: ClientState): Star[] | undefined {
  return state.starred?.filter(({ chatId, messageId }) => {
    const chat = state.chats.get(chatId);
    return chat !== undefined && !isGone(chat, messageId);
  });
}

function isGone(chat: ChatState, messageId: MessageId): boolean {
  const known = chat.messages.get(messageId);
  if (known) return known.deletedAt !== undefined;
  if (chat.hidden.has(messageId)) return true;
  // All that was not cleared is loaded: it is not among that, or still to come.
  if (chat.clearedSeq > 0 && chat.loadedFrom <= chat.clearedSeq + 1) return true;
  return chat.unplaced.get(messageId)?.some(({ event }) => event === 'messageDeleted') ?? false;
}
