import type { Chat, ChatId, Device, History, Message, User } from '@natter/protocol';
import { enterChat } from './chat-entries.js';
import { addMessage, stored } from './messages.js';
import { withDevice, withProfile } from './own-stream.js';
import { type ChatState, type ClientState, withChat, withUsers } from './state.js';
import { afterLoading } from './unread.js';

export interface Snapshot {
  /** Of `GET /v1/chats`, all pages; archived chats are in the list of their own filter alone. */
  readonly chats: readonly Chat[];
  /** Of `GET /v1/users/me`. */
  readonly profile?: User;
  readonly devices?: readonly Device[];
  /** Of `GET /v1/users/me/blocks`, all pages. */
  readonly blocks?: readonly User[];
}

/**
 * Begins with what the server shows now, or learns from it what is newer. The cursor of `sync` has to be taken before
 * the snapshot is read, so that what happens meanwhile comes as entries.
 */
export function applySnapshot(
  state: ClientState,
  { chats, profile, devices = [], blocks }: Snapshot,
): ClientState {
  const own = profile ? withProfile(state, profile) : state;
  const known = devices.reduce(withDevice, own);
  const blocked = blocks ? new Set(blocks.map(({ id }) => id)) : known.blocked;
  return chats.reduce(enterChat, { ...withUsers(known, blocks ?? []), blocked });
}

function withMessages(
  state: ClientState,
  chat: ChatState,
  messages: readonly Message[],
): [ClientState, ChatState] {
  // What is above `lastSeq` comes as an entry, which also tells all that goes with it.
  const here = messages.filter(({ chatId, seq }) => chatId === chat.id && seq <= chat.lastSeq);
  const named = withUsers(
    state,
    here.map(({ sender }) => sender),
  );
  const added = here.reduce((after, message) => addMessage(after, stored(message), state.me), chat);
  return [named, added];
}

/**
 * Learns a page of a chat's history.
 *
 * @param before The bound with which it was asked for; without it, the page is of the newest messages.
 */
export function applyHistory(
  state: ClientState,
  chatId: ChatId,
  { items, hasMoreBefore }: Pick<History, 'items' | 'hasMoreBefore'>,
  before?: number,
): ClientState {
  const chat = state.chats.get(chatId);
  if (!chat) return state;
  const [named, added] = withMessages(state, chat, items);
  const continues = before === undefined || before >= chat.loadedFrom;
  const first = hasMoreBefore ? items[0]?.seq : 1;
  if (!continues || first === undefined || first >= chat.loadedFrom) return withChat(named, added);
  return withChat(named, afterLoading({ ...added, loadedFrom: first }, added, state.me));
}

/** All messages from an entry on are known, as pages have brought them that were not read one after the other. */
export function extendLoaded(state: ClientState, chatId: ChatId, from: number): ClientState {
  const chat = state.chats.get(chatId);
  if (!chat || from >= chat.loadedFrom) return state;
  return withChat(state, afterLoading({ ...chat, loadedFrom: from }, chat, state.me));
}

/** Learns all pages of a chat's pins, the last pinned first. */
export function applyPins(
  state: ClientState,
  chatId: ChatId,
  messages: readonly Message[],
): ClientState {
  const chat = state.chats.get(chatId);
  if (!chat) return state;
  const [named, added] = withMessages(state, chat, messages);
  return withChat(named, { ...added, pins: messages.map(({ id }) => id) });
}

/** Learns all pages of the user's stars, the last starred first. */
export function applyStars(state: ClientState, messages: readonly Message[]): ClientState {
  const starred = messages.map(({ chatId, id }) => ({ chatId, messageId: id }));
  return [...new Set(starred.map(({ chatId }) => chatId))].reduce<ClientState>(
    (after, chatId) => {
      const chat = after.chats.get(chatId);
      return chat ? withChat(...withMessages(after, chat, messages)) : after;
    },
    { ...state, starred },
  );
}
