import {
  type Chat,
  type ChatEntry,
  ChatId,
  type Media,
  MediaId,
  type Message,
  MessageId,
  UserId,
} from '@natter/protocol';
import { applySnapshot } from '../snapshot.js';
import { type ChatState, type ClientState, emptyState } from '../state.js';

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export const ME = UserId.parse(idOf(1));
export const ANNA = UserId.parse(idOf(2));
export const BEN = UserId.parse(idOf(3));
export const CHAT = ChatId.parse(idOf(4));
export const messageId = (seq: number) => MessageId.parse(idOf(1000 + seq));

export const at = (second: number) => new Date(second * 1000).toISOString();

/** A text that stands under the id `messageId(seq)`; `input` may make another of it. */
export function text(seq: number, senderId: UserId, input: Partial<Message> = {}): Message {
  return {
    id: messageId(seq),
    chatId: CHAT,
    seq,
    kind: 'text',
    senderId,
    sender: { id: senderId, username: senderId, displayName: senderId },
    text: `text ${seq}`,
    reactions: [],
    createdAt: at(seq),
    ...input,
  };
}

export const PICTURE: Media = {
  id: MediaId.parse(idOf(5)),
  kind: 'image',
  mimeType: 'image/png',
  size: 68,
  fileName: 'a picture.png',
  width: 1,
  height: 1,
  url: `/v1/media/${idOf(5)}/content`,
  thumbnailUrl: `/v1/media/${idOf(5)}/thumbnail`,
};

/** A picture under the id `messageId(seq)`, without a caption. */
export function picture(seq: number, senderId: UserId): Message {
  const { text: _, ...message } = text(seq, senderId);
  return { ...message, kind: 'media', media: [PICTURE] };
}

export function said(message: Message): ChatEntry {
  const event = message.kind === 'media' ? 'newMediaMessage' : 'newMessage';
  return { event, payload: message };
}

const member = (id: UserId) => ({
  user: {
    id,
    username: id,
    displayName: id,
    role: 'user' as const,
    online: false,
    createdAt: at(0),
  },
  role: 'member' as const,
  deliveredSeq: 0,
  seenSeq: 0,
  joinedAt: at(0),
});

/** A group of Anna and the user, of which nothing was seen, up to `lastSeq`. */
export function chatAt(lastSeq: number, input: Partial<Chat> = {}): Chat {
  return {
    id: CHAT,
    type: 'group',
    title: 'A group',
    visibility: 'private',
    createdBy: ANNA,
    createdAt: at(0),
    lastActivityAt: at(lastSeq),
    lastSeq,
    memberCount: 2,
    participants: [member(ANNA), member(ME)],
    ...(lastSeq > 0 && { lastMessage: text(lastSeq, ANNA) }),
    me: { role: 'member', deliveredSeq: 0, seenSeq: 0, unreadCount: lastSeq, joinedAt: at(0) },
    ...input,
  };
}

export function stateWith(...chats: Chat[]): ClientState {
  return applySnapshot(emptyState(ME), { chats });
}

export function chatIn(state: ClientState): ChatState {
  const chat = state.chats.get(CHAT);
  if (!chat) throw new Error('The chat is not there');
  return chat;
}
