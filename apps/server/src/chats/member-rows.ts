import type { ChatId, MemberRole, UserId } from '@natter/protocol';
import { type RawBuilder, sql } from 'kysely';
import { joinRow } from '../streams/lookups.js';
import type { UserRow } from '../users/user-row.js';

export interface MemberRow extends UserRow {
  chat_id: ChatId;
  role: MemberRole;
  joined_at: Date;
  joined_seq: number;
  delivered_seq: number;
  seen_seq: number;
  /** What others see of these marks; null, the marks themselves. */
  shown_delivered_seq: number | null;
  shown_seen_seq: number | null;
  /** Whether others are told what he has seen. */
  seen_privacy: boolean;
}

/** A member's place among those of his chat, in the order in which they joined. */
export interface MembersPosition {
  readonly joinedSeq: number;
  readonly userId: UserId;
}

/** The columns of a `MemberRow`, of `members m` and what `memberJoins` adds. */
export const memberColumns = sql`
  m.chat_id, m.role, m.joined_at, m.joined_seq, k.delivered_seq, k.seen_seq, k.shown_delivered_seq, k.shown_seen_seq,
  u.id, u.username, u.display_name, u.about, u.avatar, u.presence_privacy, u.seen_privacy,
  u.last_seen_at, u.created_at`;

/** The `marks k` and `users u` of `members m`. */
export const memberJoins = sql`
  ${joinRow(sql`marks k where k.chat_id = m.chat_id and k.user_id = m.user_id`, 'k')}
  ${joinRow(sql`users u where u.id = m.user_id`, 'u')}`;

/**
 * The first rows of `members` behind a place, of one chat, in no order. They are found in an index that has nothing but
 * that order: if the rows themselves were read for it, the planner would read and sort those of the whole chat.
 */
export function membersFrom(
  chatId: ChatId | RawBuilder<ChatId>,
  after: MembersPosition | undefined,
  limit: number,
): RawBuilder<unknown> {
  const start =
    after && sql`(f.joined_seq, f.user_id) > (${after.joinedSeq}, ${after.userId}::uuid)`;
  return sql`(
    select m.* from (
      select f.chat_id, f.user_id from members f
      where f.chat_id = ${chatId} and ${start ?? sql`true`}
      order by f.joined_seq, f.user_id
      limit ${limit}
    ) f
    ${joinRow(sql`members m where m.chat_id = f.chat_id and m.user_id = f.user_id`, 'm')}
  )`;
}
