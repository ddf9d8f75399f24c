import type { Chat, Member, MemberRole, System, UserId } from '@natter/protocol';
import { applyUsers } from './ephemeral.js';
import { LoadedMessages } from './loaded-messages.js';
import { meetOwnMarks, newMember, showSeen } from './marks.js';
import { addMessage, stored } from './messages.js';
import type { ChatInfo, ChatState, ClientState, MemberState, OwnState } from './state.js';
import { withChat, withEntry, withUsers } from './state.js';
import { unreadBelow } from './unread.js';

type OwnSide = NonNullable<Chat['me']>;

export function later(a: string, b: string): string {
  return a > b ? a : b;
}

/** As a chat has it, or as changes leave it, of which `null` removes what is optional. */
type ToldInfo = Omit<ChatInfo, 'description' | 'avatarUrl' | 'messageTtlMs'> & {
  readonly [K in 'description' | 'avatarUrl' | 'messageTtlMs']?: ChatInfo[K] | null;
};

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function infoOf(told: ToldInfo): ChatInfo {
  const { title, description, avatarUrl, visibility, settings, messageTtlMs, memberCount } = told;
  return {
    ...(isSet(title) && { title }),
    ...(isSet(description) && { description }),
    ...(isSet(avatarUrl) && { avatarUrl }),
    visibility,
    ...(settings && { settings }),
    ...(isSet(messageTtlMs) && { messageTtlMs }),
    memberCount,
  };
}

function memberOf({ role, deliveredSeq, seenSeq, seenHidden, joinedAt }: Member): MemberState {
  return { role, deliveredSeq, seenSeq, ...(seenHidden && { seenHidden }), joinedAt };
}

function furthest(known: MemberState | undefined, now: MemberState): MemberState {
  if (!known) return now;
  const deliveredSeq = Math.max(known.deliveredSeq, now.deliveredSeq);
  if (now.seenHidden) return { ...now, deliveredSeq };
  return { ...now, deliveredSeq, seenSeq: Math.max(known.seenSeq ?? 0, now.seenSeq ?? 0) };
}

/** Those whom a snapshot names, as far as anybody knows; where it does not name all, the others stay as they were. */
function membersOf(
  chat: Chat,
  known: ReadonlyMap<UserId, MemberState>,
): ReadonlyMap<UserId, MemberState> {
  const named = chat.participants ?? [];
  const members = new Map(
    named.map((member) => [member.user.id, furthest(known.get(member.user.id), memberOf(member))]),
  );
  if (named.length < chat.memberCount) {
    for (const [id, member] of known) if (!members.has(id)) members.set(id, member);
  }
  return members;
}

function ownOf({ unreadCount: _, ...me }: OwnSide): OwnState {
  return me;
}

/** A snapshot's last message is all that there is to see from there on; without one, there is nothing at all. */
function withLastMessage(chat: ChatState, { lastMessage }: Chat, me: UserId): ChatState {
  if (!lastMessage) return { ...chat, loadedFrom: 1 };
  // It came after the snapshot was read, and comes as an entry.
  if (lastMessage.seq > chat.lastSeq) return chat;
  if (lastMessage.seq >= chat.loadedFrom) return chat;
  return {
    ...addMessage(chat, stored(lastMessage), me),
    loadedFrom: lastMessage.seq,
  };
}

function newChat(chat: Chat, own: OwnSide, me: UserId): ChatState {
  const bare: ChatState = {
    id: chat.id,
    type: chat.type,
    createdBy: chat.createdBy,
    createdAt: chat.createdAt,
    info: infoOf(chat),
    lastActivityAt: chat.lastActivityAt,
    lastSeq: chat.lastSeq,
    factsSeq: chat.lastSeq,
    members: membersOf(chat, new Map()),
    heard: new Map(),
    me: ownOf(own),
    messages: LoadedMessages.of([]),
    loadedFrom: chat.lastSeq + 1,
    unreadBelow: undefined,
    clearedSeq: 0,
    hidden: new Set(),
    stars: new Map(),
    unplaced: new Map(),
    ahead: new Map(),
    pins: undefined,
  };
  const shown = withLastMessage(bare, chat, me);
  return { ...shown, unreadBelow: unreadBelow(shown, own.unreadCount, me) };
}

/** Learns what a newer snapshot says of a chat that is known; its entries are still to come, and change nothing then. */
export function refreshChat(known: ChatState, chat: Chat, me: UserId): ChatState {
  if (!chat.me || chat.lastSeq < known.factsSeq) return known;
  const facts = {
    ...known,
    info: infoOf(chat),
    factsSeq: chat.lastSeq,
    lastActivityAt: later(known.lastActivityAt, chat.lastActivityAt),
    members: membersOf(chat, known.members),
    me: { ...known.me, role: chat.me.role },
  };
  const after = withLastMessage(meetOwnMarks(facts, me, chat.me), chat, me);
  const isSamePlace = chat.lastSeq === after.lastSeq && chat.me.seenSeq === after.me.seenSeq;
  if (after.unreadBelow !== undefined || !isSamePlace) return after;
  return { ...after, unreadBelow: unreadBelow(after, chat.me.unreadCount, me) };
}

/** Puts a chat in as a snapshot shows it, or learns from it what is newer. One without `me` is none of the user's. */
export function putChat(state: ClientState, chat: Chat): ClientState {
  const { me: own, participants = [], lastMessage } = chat;
  if (!own) return state;
  const known = state.chats.get(chat.id);
  const isSameMembership = known?.me.joinedAt === own.joinedAt;
  const after =
    known && isSameMembership ? refreshChat(known, chat, state.me) : newChat(chat, own, state.me);
  const met = applyUsers(
    state,
    participants.map(({ user }) => user),
  );
  return withChat(lastMessage ? withUsers(met, [lastMessage.sender]) : met, after);
}

export function removeChat(state: ClientState, chatId: Chat['id']): ClientState {
  if (!state.chats.has(chatId) && !state.early.has(chatId)) return state;
  return {
    ...state,
    chats: withEntry(state.chats, chatId, undefined),
    early: withEntry(state.early, chatId, undefined),
    typing: withEntry(state.typing, chatId, undefined),
    starred: state.starred?.filter((star) => star.chatId !== chatId),
  };
}

function withMembers(
  chat: ChatState,
  userIds: readonly UserId[],
  seq: number,
  { me, profile }: ClientState,
): ChatState {
  const members = new Map(chat.members);
  // Where several come at once they stand in the order of their ids.
  for (const userId of userIds.toSorted()) {
    members.delete(userId);
    // Whether he hides what he has seen, the next snapshot tells.
    members.set(userId, newMember(chat, userId, seq));
  }
  const info = { ...chat.info, memberCount: chat.info.memberCount + userIds.length };
  const after = { ...chat, members, info };
  return profile?.privacy?.seen === false ? showSeen(after, me, false) : after;
}

function withoutMembers(chat: ChatState, userIds: readonly UserId[]): ChatState {
  const members = new Map(chat.members);
  for (const userId of userIds) members.delete(userId);
  const memberCount = chat.info.memberCount - userIds.length;
  return { ...chat, members, info: { ...chat.info, memberCount } };
}

function withRole(
  chat: ChatState,
  userIds: readonly UserId[],
  role: MemberRole,
  me: UserId,
): ChatState {
  const members = new Map(chat.members);
  for (const userId of userIds) {
    const member = members.get(userId);
    if (member) members.set(userId, { ...member, role });
  }
  return { ...chat, members, me: userIds.includes(me) ? { ...chat.me, role } : chat.me };
}

/** What a system message tells of the chat. What a snapshot knew already changes nothing. */
export function applySystem(
  chat: ChatState,
  system: System,
  seq: number,
  state: ClientState,
): ChatState {
  if (seq <= chat.factsSeq) return chat;
  const told = { ...chat, factsSeq: seq };
  switch (system.type) {
    case 'chatCreated':
      return told;
    case 'membersAdded':
    case 'memberJoined':
      return withMembers(told, system.userIds, seq, state);
    case 'memberLeft':
    case 'memberRemoved':
      return withoutMembers(told, system.userIds);
    case 'roleChanged':
      return withRole(told, system.userIds, system.role, state.me);
    case 'chatUpdated':
      return { ...told, info: infoOf({ ...chat.info, ...system.changes }) };
    default:
      return chat;
  }
}
