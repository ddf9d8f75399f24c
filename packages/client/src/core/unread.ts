import { pageLimits, type UserId } from '@natter/protocol';
import type { ChatState, StoredMessage } from './state.js';

/** Up to where nothing is unread. */
function readUpTo({ me, clearedSeq }: ChatState): number {
  return Math.max(me.seenSeq, clearedSeq);
}

/** Whether it would be unread in a chat of which nothing was seen (CHAT-4). */
function counts(message: StoredMessage, me: UserId): boolean {
  return message.kind !== 'system' && message.senderId !== me && message.deletedAt === undefined;
}

function isUnread(chat: ChatState, message: StoredMessage, me: UserId): boolean {
  return message.seq > readUpTo(chat) && counts(message, me);
}

function isAllLoaded(chat: ChatState): boolean {
  return chat.loadedFrom <= readUpTo(chat) + 1;
}

/** Of a number that a snapshot gave for all that is unread, how much of it is not loaded. */
export function unreadBelow(chat: ChatState, unreadCount: number, me: UserId): number | undefined {
  if (isAllLoaded(chat)) return 0;
  if (unreadCount >= pageLimits.unreadCount) return Number.POSITIVE_INFINITY;
  const below = unreadCount - unreadLoaded(chat, me);
  return below < 0 ? undefined : below;
}

function unreadLoaded(chat: ChatState, me: UserId): number {
  let count = 0;
  for (const message of chat.messages.values()) {
    if (message.seq >= chat.loadedFrom && isUnread(chat, message, me)) count += 1;
  }
  return count;
}

/**
 * How many messages are unread, exactly up to 1,000. `undefined` where that cannot be known without asking: the seen mark
 * moved, or a message was deleted or hidden, among messages that are not loaded.
 */
export function unreadCount(chat: ChatState, me: UserId): number | undefined {
  if (chat.unreadBelow === undefined) return undefined;
  return Math.min(chat.unreadBelow + unreadLoaded(chat, me), pageLimits.unreadCount);
}

/** After the user's seen mark moved or the chat was cleared: what is not loaded is read, or is not known any more. */
export function afterReading(chat: ChatState, before: ChatState): ChatState {
  if (readUpTo(chat) === readUpTo(before)) return chat;
  const below = isAllLoaded(chat) ? 0 : undefined;
  return below === chat.unreadBelow ? chat : { ...chat, unreadBelow: below };
}

/** After messages below `before.loadedFrom` were loaded: they count by themselves from now on. */
export function afterLoading(chat: ChatState, before: ChatState, me: UserId): ChatState {
  if (isAllLoaded(chat)) return chat.unreadBelow === 0 ? chat : { ...chat, unreadBelow: 0 };
  if (chat.unreadBelow === undefined) return chat;
  let loaded = 0;
  for (const message of chat.messages.values()) {
    const isNew = message.seq >= chat.loadedFrom && message.seq < before.loadedFrom;
    if (isNew && isUnread(chat, message, me)) loaded += 1;
  }
  const below = chat.unreadBelow - loaded;
  return { ...chat, unreadBelow: below < 0 ? undefined : below };
}

/**
 * After a message was deleted or hidden, or turned out to be.
 *
 * @param message As it was before, where it was known.
 */
export function afterLoss(
  chat: ChatState,
  message: StoredMessage | undefined,
  me: UserId,
): ChatState {
  const { unreadBelow: below } = chat;
  if (below === undefined || isAllLoaded(chat)) return chat;
  if (message && message.seq <= readUpTo(chat)) return chat;
  // A tombstone already: a page that was ahead of the events brought it, and whether it was counted is not known.
  if (!message || message.deletedAt !== undefined || below === Number.POSITIVE_INFINITY) {
    return { ...chat, unreadBelow: undefined };
  }
  if (message.seq >= chat.loadedFrom || !counts(message, me)) return chat;
  return { ...chat, unreadBelow: below > 0 ? below - 1 : undefined };
}
