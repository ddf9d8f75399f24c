import type { ChatId, UserId } from '@natter/protocol';

/** The sockets of this node whose users are members of the chat. */
export function chatRoom(chatId: ChatId): string {
  return `chat:${chatId}`;
}

/** The sockets of this node that are a user's. */
export function userRoom(userId: UserId): string {
  return `user:${userId}`;
}
