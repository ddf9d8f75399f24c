import type { EventPayload, Message, MessageId, ReactionCount, UserId } from '@natter/protocol';
import { LoadedMessages } from './loaded-messages.js';
import { type ChangeEntry, type ChatState, type StoredMessage, withEntry } from './state.js';
import { afterLoss } from './unread.js';

export function stored({ sender: _, ...message }: Message): StoredMessage {
  return message;
}

function withMessage(chat: ChatState, message: StoredMessage): ChatState {
  return { ...chat, messages: chat.messages.with(message) };
}

function isVisible(chat: ChatState, message: StoredMessage): boolean {
  return message.seq > chat.clearedSeq && !chat.hidden.has(message.id);
}

function starredAs(message: StoredMessage, starred: boolean | undefined): StoredMessage {
  if (starred === undefined || starred === (message.starred ?? false)) return message;
  const { starred: _, ...rest } = message;
  return starred && message.deletedAt === undefined ? { ...rest, starred: true } : rest;
}

/**
 * Adds a message that an entry or a page brings. Where it is known already it stays as it is: what is known has gone
 * through every entry up to `lastSeq`, and a page may be older.
 */
export function addMessage(chat: ChatState, wire: StoredMessage, me: UserId): ChatState {
  if (chat.messages.has(wire.id) || !isVisible(chat, wire)) return chat;
  const message = starredAs(wire, chat.stars.get(wire.id));
  const added = withMessage(chat, message);
  const waiting = chat.unplaced.get(wire.id);
  if (!waiting) return added;
  const placed = { ...added, unplaced: withEntry(added.unplaced, wire.id, undefined) };
  return waiting.reduce((after, entry) => applyChange(after, entry, me), placed);
}

/** What this reader is known to have reacted with, which events do not say; `changed` is what he does by this one. */
function ownReactions(
  reactions: readonly Pick<ReactionCount, 'emoji' | 'count'>[],
  before: readonly ReactionCount[],
  changed?: { readonly emoji: string; readonly added: boolean },
): ReactionCount[] {
  return reactions.map(({ emoji, count }) => ({
    emoji,
    count,
    mine:
      changed?.emoji === emoji
        ? changed.added
        : before.some((known) => known.emoji === emoji && known.mine),
  }));
}

function edited(chat: ChatState, wire: StoredMessage, me: UserId): ChatState {
  const known = chat.messages.get(wire.id);
  if (!known) return addMessage(chat, wire, me);
  if (known.deletedAt !== undefined) return chat;
  const withReactions = {
    ...wire,
    // A sync says what is mine, a live event never.
    reactions: wire.reactions.map((reaction) => ({
      ...reaction,
      mine:
        reaction.mine ||
        known.reactions.some(({ emoji, mine }) => emoji === reaction.emoji && mine),
    })),
  };
  return withMessage(chat, starredAs(withReactions, known.starred ?? false));
}

/** What is left of a message that was deleted for everyone (MSG-3). */
function tombstone(message: StoredMessage, deletedAt: string): StoredMessage {
  const { id, chatId, seq, kind, senderId, senderDeviceId, clientMessageId, createdAt } = message;
  return {
    id,
    chatId,
    seq,
    kind,
    senderId,
    ...(senderDeviceId !== undefined && { senderDeviceId }),
    ...(clientMessageId !== undefined && { clientMessageId }),
    reactions: [],
    createdAt,
    deletedAt,
  };
}

function deleted(
  chat: ChatState,
  { messageId, at }: EventPayload<'messageDeleted'>,
  me: UserId,
): ChatState {
  const known = chat.messages.get(messageId);
  if (!known) return afterLoss(chat, undefined, me);
  return afterLoss(withMessage(chat, tombstone(known, at)), known, me);
}

function reacted(chat: ChatState, payload: EventPayload<'reactionChanged'>, me: UserId): ChatState {
  const known = chat.messages.get(payload.messageId);
  if (!known || known.deletedAt !== undefined) return chat;
  const changed = payload.userId === me ? payload : undefined;
  const reactions = ownReactions(payload.reactions, known.reactions, changed);
  return withMessage(chat, { ...known, reactions });
}

function pinned(
  before: ChatState,
  { messageId, seq }: EventPayload<'messagePinned'>,
  isPinned: boolean,
): ChatState {
  const chat = { ...before, pinsSeq: Math.max(before.pinsSeq ?? 0, seq) };
  const known = chat.messages.get(messageId);
  if (known?.deletedAt !== undefined) return chat;
  const others = chat.pins?.filter((id) => id !== messageId);
  const after = { ...chat, pins: others && isPinned ? [messageId, ...others] : others };
  if (!known) return after;
  const { pinned: _, ...rest } = known;
  return withMessage(after, isPinned ? { ...rest, pinned: true } : rest);
}

/** What happened to a message. Of one that is not known it is kept for the page that brings it. */
export function applyChange(chat: ChatState, entry: ChangeEntry, me: UserId): ChatState {
  if (entry.event === 'messageEdited') return edited(chat, stored(entry.payload.message), me);
  const { messageId } = entry.payload;
  const isKnown = chat.messages.has(messageId) || chat.hidden.has(messageId);
  const waiting = chat.unplaced.get(messageId) ?? [];
  const kept = isKnown
    ? chat
    : { ...chat, unplaced: withEntry(chat.unplaced, messageId, [...waiting, entry]) };
  switch (entry.event) {
    case 'messageDeleted':
      return deleted(kept, entry.payload, me);
    case 'reactionChanged':
      return reacted(kept, entry.payload, me);
    case 'messagePinned':
      return pinned(kept, entry.payload, true);
    case 'messageUnpinned':
      return pinned(kept, entry.payload, false);
  }
}

/** The user deleted it for himself (MSG-4). */
export function hideMessage(chat: ChatState, messageId: MessageId, me: UserId): ChatState {
  if (chat.hidden.has(messageId)) return chat;
  const known = chat.messages.get(messageId);
  const after = {
    ...chat,
    hidden: new Set(chat.hidden).add(messageId),
    messages: chat.messages.without(messageId),
    unplaced: withEntry(chat.unplaced, messageId, undefined),
  };
  return afterLoss(after, known, me);
}

/** Takes everything up to an entry away; replies to what is gone, or may be, show nothing of it any more. */
export function clearMessages(chat: ChatState, upToSeq: number): ChatState {
  if (upToSeq <= chat.clearedSeq) return chat;
  const hidden = new Set(chat.hidden);
  const left: StoredMessage[] = [];
  for (const message of chat.messages) {
    if (message.seq <= upToSeq) hidden.add(message.id);
    else left.push(message);
  }
  let messages = LoadedMessages.of(left);
  for (const message of left) {
    if (message.replyTo?.preview !== undefined && !messages.has(message.replyTo.messageId)) {
      const { preview: _, ...replyTo } = message.replyTo;
      messages = messages.with({ ...message, replyTo });
    }
  }
  return {
    ...chat,
    clearedSeq: upToSeq,
    hidden,
    messages,
    loadedFrom: chat.loadedFrom <= upToSeq + 1 ? 1 : chat.loadedFrom,
  };
}

export function starMessage(chat: ChatState, messageId: MessageId, starred: boolean): ChatState {
  const known = chat.messages.get(messageId);
  const after = { ...chat, stars: withEntry(chat.stars, messageId, starred) };
  return known ? withMessage(after, starredAs(known, starred)) : after;
}
