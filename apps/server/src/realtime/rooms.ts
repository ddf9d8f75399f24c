import type { ChatId, UserId } from '@natter/protocol';
import type { CommittedChatEntry } from '../streams/commit.js';

/** The sockets of this node whose users are members of the chat. */
export function chatRoom(chatId: ChatId): string {
  return `chat:${chatId}`;
}

/** The sockets of this node that are a user's. */
export function userRoom(userId: UserId): string {
  return `user:${userId}`;
}

/** The socket that sent the command, where there is one: it has the acknowledgement and gets no event (FAN-1). */
export function senderOf({ exceptSocketId }: Pick<CommittedChatEntry, 'exceptSocketId'>): string[] {
  return exceptSocketId === undefined ? [] : [exceptSocketId];
}
