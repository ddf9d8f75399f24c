import type { ChatEntry, ChatId, EventPayload, User, UserId } from '@natter/protocol';
import { type ClientState, isMessageEntry, type Presence, withEntry, withUsers } from './state.js';

type EphemeralName = 'typing' | 'stopTyping' | 'userOnline' | 'userOffline' | 'userUpdated';

/** What is told to those who are there and is on no stream. */
export type EphemeralEvent = {
  readonly [K in EphemeralName]: { readonly event: K; readonly payload: EventPayload<K> };
}[EphemeralName];

function typing(
  state: ClientState,
  chatId: ChatId,
  userId: UserId,
  isTyping: boolean,
): ClientState {
  const before = state.typing.get(chatId) ?? new Set();
  if (before.has(userId) === isTyping) return state;
  const users = new Set(before);
  if (isTyping) users.add(userId);
  else users.delete(userId);
  return { ...state, typing: withEntry(state.typing, chatId, users.size > 0 ? users : undefined) };
}

/** Who has sent a message does not write it any more. */
export function stopsTyping(state: ClientState, entry: ChatEntry): ClientState {
  if (!isMessageEntry(entry)) return state;
  return typing(state, entry.payload.chatId, entry.payload.senderId, false);
}

function present(state: ClientState, userId: UserId, presence: Presence): ClientState {
  return { ...state, presence: withEntry(state.presence, userId, presence) };
}

/** Learns what users are called and whether they are online. */
export function applyUsers(state: ClientState, users: readonly User[]): ClientState {
  if (users.length === 0) return state;
  const presence = new Map(state.presence);
  for (const { id, online, lastSeenAt } of users) {
    presence.set(id, { online, ...(lastSeenAt !== undefined && { lastSeenAt }) });
  }
  return { ...withUsers(state, users), presence };
}

export function applyEphemeral(
  state: ClientState,
  { event, payload }: EphemeralEvent,
): ClientState {
  switch (event) {
    case 'typing':
    case 'stopTyping':
      if (!state.chats.has(payload.chatId)) return state;
      return typing(state, payload.chatId, payload.userId, event === 'typing');
    case 'userOnline': {
      const lastSeenAt = state.presence.get(payload.userId)?.lastSeenAt;
      return present(state, payload.userId, {
        online: true,
        ...(lastSeenAt !== undefined && { lastSeenAt }),
      });
    }
    case 'userOffline': {
      const { userId, lastSeenAt } = payload;
      return present(state, userId, { online: false, lastSeenAt });
    }
    case 'userUpdated':
      return withUsers(state, [payload.user]);
  }
}
