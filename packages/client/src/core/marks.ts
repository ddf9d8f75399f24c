import type { ChatId, MessageStatusUpdated, StatusUpdate, UserId } from '@natter/protocol';
import {
  type ChatState,
  type ClientState,
  type Marks,
  type MemberState,
  withChat,
  withEntry,
} from './state.js';
import { afterReading } from './unread.js';

/** How far a member has come; marks never go back (RCPT-1). */
interface Move extends Marks {
  /** It was said outright, so it is not hidden, whatever was known before. */
  readonly isTold: boolean;
}

function movedMember(member: MemberState, { deliveredSeq, seenSeq, isTold }: Move): MemberState {
  const delivered = Math.max(member.deliveredSeq, deliveredSeq, seenSeq);
  const before = member.seenSeq;
  // What a message tells of its sender says nothing of whether he hides what he has seen.
  const isKept = seenSeq === 0 || (!isTold && (member.seenHidden || before === undefined));
  const seen = isKept ? before : Math.max(before ?? 0, seenSeq);
  if (delivered === member.deliveredSeq && seen === before) return member;
  const { seenHidden, ...rest } = member;
  return {
    ...rest,
    deliveredSeq: delivered,
    ...(seen !== undefined && { seenSeq: seen }),
    ...(isKept && seenHidden && { seenHidden }),
  };
}

function movedOwn(chat: ChatState, { deliveredSeq, seenSeq }: Marks): ChatState {
  const { me } = chat;
  const delivered = Math.max(me.deliveredSeq, deliveredSeq, seenSeq);
  if (seenSeq <= me.seenSeq) {
    return delivered === me.deliveredSeq
      ? chat
      : { ...chat, me: { ...me, deliveredSeq: delivered } };
  }
  const { markedUnread: _, ...rest } = me;
  return afterReading({ ...chat, me: { ...rest, deliveredSeq: delivered, seenSeq } }, chat);
}

function moveMarks(chat: ChatState, userId: UserId, me: UserId, marks: Move): ChatState {
  const moved = userId === me ? movedOwn(chat, marks) : chat;
  const member = moved.members.get(userId);
  if (!member) return moved;
  const after = movedMember(member, { ...marks, isTold: marks.isTold || userId === me });
  if (after === member) return moved;
  return { ...moved, members: new Map(moved.members).set(userId, after) };
}

/** A message of a user moves his marks to it (SYNC-3); a system message moves none. */
export function markSent(chat: ChatState, senderId: UserId, seq: number, me: UserId): ChatState {
  return moveMarks(chat, senderId, me, { deliveredSeq: seq, seenSeq: seq, isTold: false });
}

function marksOf({ status, seq }: Pick<StatusUpdate, 'status' | 'seq'>): Move {
  return { deliveredSeq: seq, seenSeq: status === 'seen' ? seq : 0, isTold: true };
}

/** Moves the user's own marks: what another device of his did, or this one. */
export function markOwn(
  state: ClientState,
  chatId: ChatId,
  status: StatusUpdate['status'],
  seq: number,
): ClientState {
  const chat = state.chats.get(chatId);
  if (!chat) return state;
  return withChat(state, moveMarks(chat, state.me, state.me, marksOf({ status, seq })));
}

/** Keeps a mark that may be of somebody who joins by an entry that is still to come. */
function heardOf(chat: ChatState, { userId, seq, status }: StatusUpdate): ChatState {
  if (seq <= chat.lastSeq) return chat;
  const before = chat.heard.get(userId);
  const marks = marksOf({ status, seq });
  const further = {
    deliveredSeq: Math.max(before?.deliveredSeq ?? 0, marks.deliveredSeq),
    seenSeq: Math.max(before?.seenSeq ?? 0, marks.seenSeq),
  };
  return { ...chat, heard: withEntry(chat.heard, userId, further) };
}

/** Marks that have moved. Each tells all that went before it, so they may come in any order. */
export function applyStatus(
  state: ClientState,
  { chatId, updates }: MessageStatusUpdated,
): ClientState {
  const chat = state.chats.get(chatId);
  if (!chat) return state;
  const hidesSeen = state.profile?.privacy?.seen === false;
  // What was told just before the user hid what he has seen must not come back by being late.
  const shown = updates.map((update) =>
    hidesSeen && update.userId !== state.me ? { ...update, status: 'delivered' as const } : update,
  );
  const after = shown.reduce(
    (moved, update) => heardOf(moveMarks(moved, update.userId, state.me, marksOf(update)), update),
    chat,
  );
  return withChat(state, after);
}

/** A member who comes by an entry: his marks begin at what was there before (CHAT-3), unless more was heard of him. */
export function newMember(chat: ChatState, userId: UserId, seq: number): MemberState {
  const member: MemberState = { role: 'member', deliveredSeq: seq - 1, seenSeq: seq - 1 };
  const heard = chat.heard.get(userId);
  return heard ? movedMember(member, { ...heard, isTold: true }) : member;
}

/** The further of what is known and what a snapshot says of the user's own marks. */
export function meetOwnMarks(chat: ChatState, me: UserId, marks: Marks): ChatState {
  return moveMarks(chat, me, me, { ...marks, isTold: true });
}

/** Who hides what he has seen is not told what others have (RCPT-1); who ends that has to ask. */
export function showSeen(chat: ChatState, me: UserId, shows: boolean): ChatState {
  const members = new Map(chat.members);
  for (const [userId, member] of chat.members) {
    if (userId === me) continue;
    const { seenSeq: _, seenHidden, ...rest } = member;
    if (!shows) members.set(userId, { ...rest, seenSeq: 0, seenHidden: true });
    else if (seenHidden) members.set(userId, rest);
  }
  return { ...chat, members };
}
