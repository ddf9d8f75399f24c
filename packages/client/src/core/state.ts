import type {
  Chat,
  ChatEntry,
  ChatId,
  Device,
  DeviceId,
  Draft,
  MemberRole,
  Message,
  MessageId,
  Sender,
  User,
  UserId,
} from '@natter/protocol';
import type { LoadedMessages } from './loaded-messages.js';

/** A message without its sender's name, which is kept once for all that he wrote. */
export type StoredMessage = Omit<Message, 'sender'>;

export interface MemberState {
  readonly role: MemberRole;
  /** In a group of more than 32 members, not below what is told: others' marks are told to authors alone (RCPT-2). */
  readonly deliveredSeq: number;
  /** As `deliveredSeq`; 0 where it is hidden. Absent: not known since privacy stopped hiding it. */
  readonly seenSeq?: number;
  readonly seenHidden?: true;
  /** Known from a snapshot alone. */
  readonly joinedAt?: string;
}

export interface Marks {
  readonly deliveredSeq: number;
  /** 0: nothing is told of it. */
  readonly seenSeq: number;
}

/** The user's own side of a chat. */
export interface OwnState {
  readonly role: MemberRole;
  readonly deliveredSeq: number;
  readonly seenSeq: number;
  readonly markedUnread?: true;
  /** May be over by now: nothing tells of that. */
  readonly mutedUntil?: string;
  readonly pinnedAt?: string;
  readonly archivedAt?: string;
  readonly draft?: Draft;
  readonly joinedAt: string;
}

/** What system messages change. */
export type ChatInfo = Pick<
  Chat,
  'title' | 'description' | 'avatarUrl' | 'visibility' | 'settings' | 'messageTtlMs' | 'memberCount'
>;

/** A new message of any kind. */
export type MessageEntry = Extract<
  ChatEntry,
  { event: 'newMessage' | 'newEncryptedMessage' | 'newMediaMessage' }
>;

export function isMessageEntry(entry: ChatEntry): entry is MessageEntry {
  return (
    entry.event === 'newMessage' ||
    entry.event === 'newEncryptedMessage' ||
    entry.event === 'newMediaMessage'
  );
}

export type ChangeEntry = Exclude<ChatEntry, MessageEntry | { event: 'entrySkipped' }>;

export interface ChatState {
  readonly id: ChatId;
  readonly type: Chat['type'];
  readonly createdBy: UserId;
  readonly createdAt: string;
  readonly info: ChatInfo;
  readonly lastActivityAt: string;
  /** Every entry up to here has been applied. */
  readonly lastSeq: number;
  /** `info` and who is a member are as of this entry, which may be ahead of `lastSeq`. */
  readonly factsSeq: number;
  /** In the order of joining. All of them where they are as many as `info.memberCount`. */
  readonly members: ReadonlyMap<UserId, MemberState>;
  /** Marks above `lastSeq`, of which was told before the entry by which their user may have come. */
  readonly heard: ReadonlyMap<UserId, Marks>;
  readonly me: OwnState;
  /** Messages that are known. From `loadedFrom` on it is all that the user can see, below it some. */
  readonly messages: LoadedMessages;
  readonly loadedFrom: number;
  /** Unread messages below `loadedFrom`; from 1,000 on infinite, `undefined` where they have to be asked for. */
  readonly unreadBelow: number | undefined;
  /** What the user cleared since this device knows the chat. */
  readonly clearedSeq: number;
  readonly hidden: ReadonlySet<MessageId>;
  /** What the user's own stream said of stars; it is newer than a page that was on its way. */
  readonly stars: ReadonlyMap<MessageId, boolean>;
  /** What happened to messages that are not known: for the page that brings them, which may be older. */
  readonly unplaced: ReadonlyMap<MessageId, readonly ChangeEntry[]>;
  /** Entries above a gap, by `seq`, until it is filled. */
  readonly ahead: ReadonlyMap<number, ChatEntry>;
  /** The last pinned first, with those of messages that are gone (`pinsOf`); `undefined` until they are loaded. */
  readonly pins: readonly MessageId[] | undefined;
  /** The last entry that changed what is pinned; absent where none is known. */
  readonly pinsSeq?: number;
}

export interface Star {
  readonly chatId: ChatId;
  readonly messageId: MessageId;
}

export interface Presence {
  readonly online: boolean;
  readonly lastSeenAt?: string;
}

/**
 * All that one device knows. Nothing of it is ever changed in place, and what an event does not concern is the same
 * object afterwards.
 */
export interface ClientState {
  readonly me: UserId;
  readonly deviceId: DeviceId | undefined;
  /** The last event of the user's own stream; `undefined` until the first one comes. */
  readonly userSeq: number | undefined;
  readonly chats: ReadonlyMap<ChatId, ChatState>;
  /** What this device did in chats that it has not been told of yet: the answer may overtake `chatAdded`. */
  readonly early: ReadonlyMap<ChatId, readonly ChatEntry[]>;
  /** Everybody who was met. System messages name newcomers by id alone: those are not here until they are asked for. */
  readonly users: ReadonlyMap<UserId, Sender>;
  readonly profile: User | undefined;
  /** Nothing tells that a device was renamed or used. */
  readonly devices: ReadonlyMap<DeviceId, Device>;
  /** Whom the user blocks, the last one first (BLOCK-1). */
  readonly blocked: ReadonlySet<UserId>;
  /** The last starred first, with those of messages that are gone (`starsOf`); `undefined` until they are loaded. */
  readonly starred: readonly Star[] | undefined;
  readonly presence: ReadonlyMap<UserId, Presence>;
  readonly typing: ReadonlyMap<ChatId, ReadonlySet<UserId>>;
}

export function emptyState(me: UserId, deviceId?: DeviceId): ClientState {
  return {
    me,
    deviceId,
    userSeq: undefined,
    chats: new Map(),
    early: new Map(),
    users: new Map(),
    profile: undefined,
    devices: new Map(),
    blocked: new Set(),
    starred: undefined,
    presence: new Map(),
    typing: new Map(),
  };
}

/** The map with one entry set, or without it. */
export function withEntry<K, V>(
  map: ReadonlyMap<K, V>,
  key: K,
  value: V | undefined,
): ReadonlyMap<K, V> {
  if (map.get(key) === value) return map;
  const next = new Map(map);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return next;
}

/** What differs between two maps; `undefined` for what is gone. */
export function changedEntries<K, V>(
  before: ReadonlyMap<K, V> | undefined,
  after: ReadonlyMap<K, V> | undefined,
): Map<K, V | undefined> {
  const changed = new Map<K, V | undefined>();
  if (before === after) return changed;
  for (const [key, value] of after ?? []) if (before?.get(key) !== value) changed.set(key, value);
  for (const key of before?.keys() ?? []) if (!after?.has(key)) changed.set(key, undefined);
  return changed;
}

/** The state with a chat as it is now; the same state where the chat is the same. */
export function withChat(state: ClientState, chat: ChatState): ClientState {
  const chats = withEntry(state.chats, chat.id, chat);
  return chats === state.chats ? state : { ...state, chats };
}

function isSame(a: Sender | undefined, b: Sender): boolean {
  return (
    a?.username === b.username && a.displayName === b.displayName && a.avatarUrl === b.avatarUrl
  );
}

/** Remembers what users are called. */
export function withUsers(state: ClientState, users: readonly Sender[]): ClientState {
  const changed = users.filter((user) => !isSame(state.users.get(user.id), user));
  if (changed.length === 0) return state;
  const known = new Map(state.users);
  for (const { id, username, displayName, avatarUrl } of changed) {
    known.set(id, { id, username, displayName, ...(avatarUrl !== undefined && { avatarUrl }) });
  }
  return { ...state, users: known };
}
