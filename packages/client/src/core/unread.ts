import { shownLimits, type UserId } from '@natter/protocol';
import { perChunk } from './loaded-messages.js';
import type { ChatState, StoredMessage } from './state.js';

/** Up to where nothing is unread. */
function readUpTo({ me, clearedSeq }: ChatState): number {
  return Math.max(me.seenSeq, clearedSeq);
}

/** Whether it would be unread in a chat of which nothing was seen (CHAT-4). */
function counts(message: StoredMessage, me: UserId): boolean {
  return message.senderId !== me && countsForOthers(message);
}

function countsForOthers({ kind, deletedAt }: StoredMessage): boolean {
  return kind !== 'system' && deletedAt === undefined;
}

/** How many of a chunk would be unread to somebody who wrote none of them, and by whom. */
const countedIn = perChunk((chunk) => {
  const bySender = new Map<UserId, number>();
  let all = 0;
  for (const message of chunk) {
    if (!countsForOthers(message)) continue;
    all += 1;
    bySender.set(message.senderId, (bySender.get(message.senderId) ?? 0) + 1);
  }
  return { all, bySender };
});

/** Whom the messages of a chunk mention. */
const mentionedIn = perChunk((chunk) => new Set(chunk.flatMap(({ mentions = [] }) => mentions)));

/** How many of the messages from one entry on, and below another one, are unread where nothing of them was seen. */
function countBetween({ messages }: ChatState, from: number, below: number, me: UserId): number {
  let count = 0;
  for (const chunk of messages.chunksFrom(from)) {
    const [first, last] = [chunk[0]?.seq ?? below, chunk.at(-1)?.seq ?? below];
    if (first >= below) break;
    if (first >= from && last < below) {
      const { all, bySender } = countedIn(chunk);
      count += all - (bySender.get(me) ?? 0);
    } else {
      const some = chunk.filter(({ seq }) => seq >= from && seq < below);
      count += some.filter((message) => counts(message, me)).length;
    }
  }
  return count;
}

function isAllLoaded(chat: ChatState): boolean {
  return chat.loadedFrom <= readUpTo(chat) + 1;
}

/** Of a number that a snapshot gave for all that is unread, how much of it is not loaded. */
export function unreadBelow(chat: ChatState, unreadCount: number, me: UserId): number | undefined {
  if (isAllLoaded(chat)) return 0;
  if (unreadCount >= shownLimits.unreadCount) return Number.POSITIVE_INFINITY;
  const below = unreadCount - unreadLoaded(chat, me);
  return below < 0 ? undefined : below;
}

function unreadLoaded(chat: ChatState, me: UserId): number {
  const from = Math.max(chat.loadedFrom, readUpTo(chat) + 1);
  return countBetween(chat, from, Number.POSITIVE_INFINITY, me);
}

/**
 * How many messages are unread, exactly up to 1,000. `undefined` where that cannot be known without asking: the seen mark
 * moved, or a message was deleted or hidden, among messages that are not loaded.
 */
export function unreadCount(chat: ChatState, me: UserId): number | undefined {
  if (chat.unreadBelow === undefined) return undefined;
  return Math.min(chat.unreadBelow + unreadLoaded(chat, me), shownLimits.unreadCount);
}

/** Whether a message of a chat is unread. */
export function isUnread(chat: ChatState, message: StoredMessage, me: UserId): boolean {
  return message.seq > readUpTo(chat) && counts(message, me);
}

/** Whether an unread message that is loaded mentions the user. */
export function isMentioned(chat: ChatState, me: UserId): boolean {
  for (const chunk of chat.messages.chunksFrom(readUpTo(chat) + 1)) {
    if (!mentionedIn(chunk).has(me)) continue;
    const tells = (message: StoredMessage): boolean =>
      isUnread(chat, message, me) && (message.mentions?.includes(me) ?? false);
    if (chunk.some(tells)) return true;
  }
  return false;
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
  const from = Math.max(chat.loadedFrom, readUpTo(chat) + 1);
  const loaded = countBetween(chat, from, before.loadedFrom, me);
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
