import type { Chat, ChatEntry, ChatId } from '@natter/protocol';
import { applySystem, later, putChat } from './chats.js';
import { stopsTyping } from './ephemeral.js';
import { markSent } from './marks.js';
import { addMessage, applyChange, stored } from './messages.js';
import {
  type ChatState,
  type ClientState,
  isMessageEntry,
  withChat,
  withEntry,
  withUsers,
} from './state.js';

/** Entries that wait above a gap; of more, the furthest are dropped, and the log brings them. */
const MOST_AHEAD = 500;
/** Chats in which this device did something before it was told of them; of more, the first are dropped. */
const MOST_EARLY_CHATS = 100;

function firstSeq({ payload }: ChatEntry): number {
  return payload.seq;
}

/** The last of the numbers for which the entry stands (SYNC-4). */
function lastSeq({ event, payload }: ChatEntry): number {
  return event === 'entrySkipped' ? (payload.toSeq ?? payload.seq) : payload.seq;
}

function applyInOrder(chat: ChatState, entry: ChatEntry, state: ClientState): ChatState {
  const seq = lastSeq(entry);
  const { me } = state;
  if (entry.event === 'entrySkipped') return { ...chat, lastSeq: seq };
  if (!isMessageEntry(entry)) {
    return { ...applyChange(chat, entry, me), lastSeq: seq };
  }
  const message = stored(entry.payload);
  const { kind, senderId, system, createdAt } = message;
  const told = system ? applySystem(chat, system, seq, state) : chat;
  const added = addMessage({ ...told, lastSeq: seq }, message, me);
  const marked = kind === 'system' ? added : markSent(added, senderId, seq, me);
  return { ...marked, lastActivityAt: later(marked.lastActivityAt, createdAt) };
}

function waiting(chat: ChatState, entry: ChatEntry): ChatState {
  const ahead = new Map(chat.ahead).set(firstSeq(entry), entry);
  if (ahead.size > MOST_AHEAD) ahead.delete(Math.max(...ahead.keys()));
  return { ...chat, ahead };
}

/** The entry that comes next among those that wait; those that were overtaken are dropped. */
function nextWaiting(chat: ChatState): [ChatState, ChatEntry | undefined] {
  for (const [seq, entry] of chat.ahead) {
    if (seq > chat.lastSeq + 1) continue;
    const rest = { ...chat, ahead: withEntry(chat.ahead, seq, undefined) };
    return lastSeq(entry) > chat.lastSeq ? [rest, entry] : nextWaiting(rest);
  }
  return [chat, undefined];
}

/**
 * Applies an entry of a chat's stream, live, from a sync or from the log. A repeat is dropped, and one above a gap waits
 * (`gapsOf`), so entries may come in any order. Entries of a chat in which the user is not are dropped.
 */
export function applyChatEntry(state: ClientState, entry: ChatEntry): ClientState {
  const chat = state.chats.get(entry.payload.chatId);
  if (!chat || lastSeq(entry) <= chat.lastSeq) return state;
  const named = nameSender(state, entry);
  if (firstSeq(entry) > chat.lastSeq + 1) return withChat(named, waiting(chat, entry));
  let after = applyInOrder(chat, entry, named);
  let next: ChatEntry | undefined;
  [after, next] = nextWaiting(after);
  while (next) {
    after = applyInOrder(after, next, named);
    [after, next] = nextWaiting(after);
  }
  return stopsTyping(withChat(named, after), entry);
}

/** Applies an entry that this device made, which no event brings to it (FAN-1); for a chat that is to come, it waits. */
export function applyOwnEntry(state: ClientState, entry: ChatEntry): ClientState {
  const { chatId } = entry.payload;
  if (state.chats.has(chatId)) return applyChatEntry(state, entry);
  const early = new Map(state.early);
  early.set(chatId, [...(early.get(chatId) ?? []), entry].slice(-MOST_AHEAD));
  const [first] = early.keys();
  if (early.size > MOST_EARLY_CHATS && first !== undefined) early.delete(first);
  return { ...state, early };
}

/** Puts a chat in, as `putChat`, with what this device did in it before. */
export function enterChat(state: ClientState, chat: Chat): ClientState {
  const after = putChat(state, chat);
  const early = after.early.get(chat.id);
  if (!early || !after.chats.has(chat.id)) return after;
  const rest = { ...after, early: withEntry(after.early, chat.id, undefined) };
  return early.reduce(applyChatEntry, rest);
}

function nameSender(state: ClientState, entry: ChatEntry): ClientState {
  if (isMessageEntry(entry)) {
    return withUsers(state, [entry.payload.sender]);
  }
  return entry.event === 'messageEdited' ? withUsers(state, [entry.payload.message.sender]) : state;
}

export interface Gap {
  readonly chatId: ChatId;
  /** For `GET /v1/chats/:id/log?after=` (SYNC-2). */
  readonly after: number;
}

/** Where entries are missing: the only thing for which a client that follows has to ask. */
export function gapsOf(state: ClientState): Gap[] {
  return [...state.chats.values()]
    .filter((chat) => chat.ahead.size > 0)
    .map((chat) => ({ chatId: chat.id, after: chat.lastSeq }));
}
