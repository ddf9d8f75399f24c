import type { Chat, Draft, Member, OwnMembership } from '@natter/protocol';
import { avatarUrl, toMessage } from '../streams/message-row.js';
import type { UsersService } from '../users/users.service.js';
import type { ChatRow, ChatView, MemberReader, OwnMembershipRow } from './chats.repository.js';
import type { MemberRow } from './member-rows.js';

type ToUser = Awaited<ReturnType<UsersService['asContactOf']>>;

export function toMember(row: MemberRow, reader: MemberReader, toUser: ToUser): Member {
  const isOwn = row.id === reader.id;
  const seenHidden = !isOwn && !(row.seen_privacy && reader.showsSeen);
  const deliveredSeq = isOwn ? row.delivered_seq : (row.shown_delivered_seq ?? row.delivered_seq);
  const seenSeq = isOwn ? row.seen_seq : (row.shown_seen_seq ?? row.seen_seq);
  return {
    user: toUser(row),
    role: row.role,
    deliveredSeq,
    seenSeq: seenHidden ? 0 : seenSeq,
    ...(seenHidden && { seenHidden: true as const }),
    joinedAt: row.joined_at.toISOString(),
  };
}

/** A chat as someone sees it who is not in it: without people and messages (CHAT-3). */
export function toPublicChat(row: ChatRow): Chat {
  return {
    id: row.id,
    type: row.type,
    ...(row.title !== null && { title: row.title }),
    ...(row.description !== null && { description: row.description }),
    ...(row.avatar !== null && { avatarUrl: avatarUrl(row.avatar) }),
    visibility: row.visibility,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    lastActivityAt: row.last_activity_at.toISOString(),
    ...(row.type === 'group' && {
      settings: {
        send: row.send_setting,
        addMembers: row.add_members_setting,
        editInfo: row.edit_info_setting,
      },
    }),
    ...(row.message_ttl_ms !== null && { messageTtlMs: row.message_ttl_ms }),
    lastSeq: row.last_seq,
    memberCount: row.member_count,
  };
}

/** A chat as its member sees it. */
export function toChat(view: ChatView, toUser: ToUser): Chat {
  const { chat, reader, me, participants, lastMessage } = view;
  return {
    ...toPublicChat(chat),
    participants: participants.map((member) => toMember(member, reader, toUser)),
    ...(lastMessage && { lastMessage: toMessage(lastMessage) }),
    me: toOwnMembership(me),
  };
}

export function toDraft({
  draft_text: text,
  draft_reply_to_id: replyToId,
}: Pick<OwnMembershipRow, 'draft_text' | 'draft_reply_to_id'>): Draft | undefined {
  if (text === null) return undefined;
  return { text, ...(replyToId !== null && { replyToId }) };
}

function toOwnMembership(row: OwnMembershipRow): OwnMembership {
  const draft = toDraft(row);
  return {
    role: row.role,
    deliveredSeq: row.delivered_seq,
    seenSeq: row.seen_seq,
    unreadCount: row.unread,
    ...(row.marked_unread && { markedUnread: true as const }),
    ...(row.muted_until && { mutedUntil: row.muted_until.toISOString() }),
    ...(row.pinned_at && { pinnedAt: row.pinned_at.toISOString() }),
    ...(row.archived_at && { archivedAt: row.archived_at.toISOString() }),
    ...(draft && { draft }),
    joinedAt: row.joined_at.toISOString(),
  };
}
