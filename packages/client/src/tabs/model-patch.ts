import type { ChatId, MessageId, Sender, UserId } from '@natter/protocol';
import { type ChatState, type ClientState, emptyState, type StoredMessage } from '../core/index.js';
import { changedMessages, LoadedMessages } from '../core/loaded-messages.js';
import { changedEntries } from '../core/state.js';
import type { Model } from '../engine/model.js';
import type { Range } from '../timeline/ranges.js';

type Changes<K, V> = ReadonlyMap<K, V | undefined>;

type ChatFacts = Omit<ChatState, 'messages'>;

interface ChatPatch {
  /** All of a chat that was not known, and else what has changed. */
  readonly whole: ChatFacts | undefined;
  readonly facts: Partial<ChatFacts>;
  readonly messages: Changes<MessageId, StoredMessage>;
  readonly islands: readonly Range[] | undefined;
}

/** What has changed of a model, small enough to be sent for each change; structured clone carries it. */
export interface ModelPatch {
  readonly rest: Pick<Model, 'connection' | 'cursor' | 'uploads'>;
  readonly outbox: Model['outbox'] | undefined;
  readonly state: StatePatch | undefined;
}

interface StatePatch {
  readonly me: UserId;
  /** Whatever is small, where any of it has changed. */
  readonly own: Partial<Omit<ClientState, 'me' | 'chats' | 'users'>>;
  readonly users: Changes<UserId, Sender>;
  readonly chats: Changes<ChatId, ChatPatch>;
}

function changed<K, V>(before: ReadonlyMap<K, V>, patch: Changes<K, V>): ReadonlyMap<K, V> {
  if (patch.size === 0) return before;
  const after = new Map(before);
  for (const [key, value] of patch) {
    if (value === undefined) after.delete(key);
    else after.set(key, value);
  }
  return after;
}

/** The fields of an object that another one does not have, or has otherwise. */
function differing<T extends object>(before: T | undefined, after: T): Partial<T> {
  const changes: Partial<T> = {};
  for (const key in after) if (!before || before[key] !== after[key]) changes[key] = after[key];
  return changes;
}

function ownChanges(before: ClientState | undefined, after: ClientState): StatePatch['own'] {
  const { me: _, chats: __, users: ___, ...own } = after;
  return differing<typeof own>(before, own);
}

function chatChanges(before: Model, after: Model): Map<ChatId, ChatPatch | undefined> {
  const patches = new Map<ChatId, ChatPatch | undefined>();
  const [known, now] = [before.state?.chats, after.state?.chats];
  for (const [id, chat] of now ?? []) {
    const [old, islands] = [known?.get(id), after.islands.get(id)];
    if (old === chat && before.islands.get(id) === islands) continue;
    const { messages: _, ...facts } = chat;
    patches.set(id, {
      whole: old ? undefined : facts,
      facts: old ? differing<ChatFacts>(old, facts) : {},
      messages: changedMessages(old?.messages, chat.messages),
      islands,
    });
  }
  for (const id of known?.keys() ?? []) if (!now?.has(id)) patches.set(id, undefined);
  return patches;
}

/** What one has to be told who knows `before`, for him to know `after`. */
export function patchBetween(before: Model, after: Model): ModelPatch {
  const { connection, cursor, uploads, outbox, state } = after;
  const known = before.state?.me === state?.me ? before : { ...before, state: undefined };
  return {
    rest: { connection, cursor, uploads },
    outbox: outbox === before.outbox ? undefined : outbox,
    state: state && {
      me: state.me,
      own: ownChanges(known.state, state),
      users: changedEntries(known.state?.users, state.users),
      chats: chatChanges(known, after),
    },
  };
}

function patchedMessages(
  before: LoadedMessages,
  patch: Changes<MessageId, StoredMessage>,
): LoadedMessages {
  let after = before;
  for (const [id, message] of patch) after = message ? after.with(message) : after.without(id);
  return after;
}

function patchedChat(
  known: ChatState | undefined,
  { whole, facts, messages }: ChatPatch,
): ChatState | undefined {
  const chat = whole ? { ...whole, messages: LoadedMessages.of([]) } : known;
  return chat && { ...chat, ...facts, messages: patchedMessages(chat.messages, messages) };
}

/** What he knows then. */
export function patched(model: Model, { rest, outbox = model.outbox, state }: ModelPatch): Model {
  if (!state) return { ...rest, outbox, state: undefined, islands: new Map() };
  const known = model.state?.me === state.me ? model.state : emptyState(state.me);
  const chats = new Map(known.chats);
  const islands = new Map(model.islands);
  for (const [id, patch] of state.chats) {
    const chat = patch && patchedChat(chats.get(id), patch);
    if (chat) chats.set(id, chat);
    else chats.delete(id);
    if (patch?.islands) islands.set(id, patch.islands);
    else islands.delete(id);
  }
  return {
    ...rest,
    outbox,
    islands: state.chats.size > 0 ? islands : model.islands,
    state: {
      ...known,
      ...state.own,
      users: changed(known.users, state.users),
      chats: state.chats.size > 0 ? chats : known.chats,
    },
  };
}
