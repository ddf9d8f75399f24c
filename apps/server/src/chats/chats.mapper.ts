import type { Chat, Member, OwnMembership } from '@natter/protocol';
import { toMessage } from '../streams/message-row.js';
import type { UsersService } from '../users/users.service.js';
import type { ChatRow, ChatView, MemberRow, OwnMembershipRow } from './chats.repository.js';

type ToUser = UsersService['toUser'];

export function toMember(row: MemberRow, toUser: ToUser): Member {
  return {
    user: toUser(row),
    role: row.role,
    deliveredSeq: row.delivered_seq,
    seenSeq: row.seen_seq,
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
    lastSeq: row.last_seq,
    memberCount: row.member_count,
  };
}

/** A chat as its member sees it. */
export function toChat({ chat, me, participants, lastMessage }: ChatView, toUser: ToUser): Chat {
  return {
    ...toPublicChat(chat),
    participants: participants.map((member) => toMember(member, toUser)),
    ...(lastMessage && { lastMessage: toMessage(lastMessage) }),
    me: toOwnMembership(me),
  };
}

function toOwnMembership(row: OwnMembershipRow): OwnMembership {
  return {
    role: row.role,
    deliveredSeq: row.delivered_seq,
    seenSeq: row.seen_seq,
    unreadCount: row.unread,
    ...(row.marked_unread && { markedUnread: true as const }),
    ...(row.muted_until && { mutedUntil: row.muted_until.toISOString() }),
    ...(row.pinned_at && { pinnedAt: row.pinned_at.toISOString() }),
    ...(row.archived_at && { archivedAt: row.archived_at.toISOString() }),
    joinedAt: row.joined_at.toISOString(),
  };
}
