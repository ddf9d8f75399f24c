import type { Device, EventPayload, User, UserEntry } from '@natter/protocol';
import { enterChat } from './chat-entries.js';
import { refreshChat, removeChat } from './chats.js';
import { meetOwnMarks, showSeen } from './marks.js';
import { clearMessages, hideMessage, starMessage } from './messages.js';
import { type ChatState, type ClientState, withChat, withEntry, withUsers } from './state.js';
import { afterReading } from './unread.js';

function changeChat(
  state: ClientState,
  chatId: ChatState['id'],
  change: (chat: ChatState) => ChatState,
): ClientState {
  const chat = state.chats.get(chatId);
  return chat ? withChat(state, change(chat)) : state;
}

/** Marks in `me` may be behind or ahead of what is known; what is the user's own and on no chat's stream is of today. */
function preferencesChanged(
  state: ClientState,
  { chatId, me }: EventPayload<'chatPreferencesChanged'>,
): ClientState {
  return changeChat(state, chatId, (chat) => {
    const moved = meetOwnMarks(chat, state.me, me);
    const { role, deliveredSeq, seenSeq, joinedAt } = moved.me;
    // Marked before the mark that is known moved: that has ended it.
    const isMarked = me.markedUnread && me.seenSeq >= seenSeq;
    return {
      ...moved,
      me: {
        role,
        deliveredSeq,
        seenSeq,
        ...(isMarked && { markedUnread: true }),
        ...(me.mutedUntil !== undefined && { mutedUntil: me.mutedUntil }),
        ...(me.pinnedAt !== undefined && { pinnedAt: me.pinnedAt }),
        ...(me.archivedAt !== undefined && { archivedAt: me.archivedAt }),
        ...(me.draft && { draft: me.draft }),
        joinedAt,
      },
    };
  });
}

function draftChanged(
  state: ClientState,
  { chatId, draft }: EventPayload<'draftChanged'>,
): ClientState {
  return changeChat(state, chatId, (chat) => {
    const { draft: _, ...me } = chat.me;
    return { ...chat, me: draft ? { ...me, draft } : me };
  });
}

function messageHidden(
  state: ClientState,
  { chatId, messageId, chat: now }: EventPayload<'messageHidden'>,
): ClientState {
  return changeChat(state, chatId, (chat) => {
    const after = hideMessage(chat, messageId, state.me);
    return now ? refreshChat(after, now, state.me) : after;
  });
}

function chatCleared(
  state: ClientState,
  { chatId, upToSeq, chat: now }: EventPayload<'chatCleared'>,
): ClientState {
  return changeChat(state, chatId, (chat) => {
    const after = afterReading(clearMessages(chat, upToSeq), chat);
    return now ? refreshChat(after, now, state.me) : after;
  });
}

function messageStarred(
  state: ClientState,
  { chatId, messageId, starred }: EventPayload<'messageStarred'>,
): ClientState {
  const after = changeChat(state, chatId, (chat) => starMessage(chat, messageId, starred));
  if (!after.starred || !after.chats.has(chatId)) return after;
  const others = after.starred.filter((star) => star.messageId !== messageId);
  return { ...after, starred: starred ? [{ chatId, messageId }, ...others] : others };
}

/** What the user himself shows of what he has seen decides what he is told of others (RCPT-1). */
export function withProfile(state: ClientState, profile: User): ClientState {
  const before = state.profile?.privacy?.seen;
  const seen = profile.privacy?.seen;
  const named = withUsers({ ...state, profile }, [profile]);
  if (seen === undefined || before === undefined || seen === before) return named;
  const chats = [...named.chats.values()].map(
    (chat) => [chat.id, showSeen(chat, state.me, seen)] as const,
  );
  return { ...named, chats: new Map(chats) };
}

export function withDevice(state: ClientState, device: Device): ClientState {
  const current = device.id === state.deviceId;
  return { ...state, devices: withEntry(state.devices, device.id, { ...device, current }) };
}

/**
 * Applies an event of the user's own stream. Its numbers may have gaps: of what has no meaning any more, nothing comes.
 * One at or below the last is a repeat and dropped.
 */
export function applyUserEntry(state: ClientState, { event, payload }: UserEntry): ClientState {
  const { userSeq } = payload;
  if (state.userSeq !== undefined && userSeq <= state.userSeq) return state;
  const next = { ...state, userSeq };
  switch (event) {
    case 'chatAdded':
      return enterChat(next, payload.chat);
    case 'chatRemoved':
      return removeChat(next, payload.chatId);
    case 'chatPreferencesChanged':
      return preferencesChanged(next, payload);
    case 'draftChanged':
      return draftChanged(next, payload);
    case 'messageHidden':
      return messageHidden(next, payload);
    case 'chatCleared':
      return chatCleared(next, payload);
    case 'messageStarred':
      return messageStarred(next, payload);
    case 'userBlocked':
      return { ...next, blocked: new Set([payload.userId, ...next.blocked]) };
    case 'userUnblocked':
      return { ...next, blocked: new Set([...next.blocked].filter((id) => id !== payload.userId)) };
    case 'profileChanged':
      return withProfile(next, payload.user);
    case 'deviceAdded':
      return withDevice(next, payload.device);
    case 'deviceRevoked':
      return { ...next, devices: withEntry(next.devices, payload.deviceId, undefined) };
  }
}
