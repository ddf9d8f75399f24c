import { type UserId } from '@natter/protocol';
import { type RawBuilder, sql } from 'kysely';
import { visibleTo } from '../streams/message-view.js';

/**
 * Whether a message `m` is one to alert a user of, as far as he has not turned alerts off: of somebody else whom he does
 * not block, to be seen by him, and not seen yet (PUSH-3).
 *
 * @param userId The column that names him.
 */
export function isNews(userId: string): RawBuilder<boolean> {
  const user = sql.ref<UserId>(userId);
  return sql<boolean>`(
    m.kind <> 'system' and m.sender_id <> ${user} and m.deleted_at is null and ${visibleTo(user, 'm')}
    and not exists (
      select from marks k where k.chat_id = m.chat_id and k.user_id = ${user} and k.seen_seq >= m.seq
    )
    and not exists (select from blocks b where b.blocker_id = ${user} and b.blocked_id = m.sender_id)
  )`;
}

/** Whether a user has turned the alerts of a chat off: it is muted or archived. */
export function isSilent(chatId: string, userId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from preferences p
    where p.chat_id = ${sql.ref(chatId)} and p.user_id = ${sql.ref(userId)}
      and (p.muted_until > clock_timestamp() or p.archived_at is not null)
  )`;
}

/** Whether what the push service was last told of for the alert `a` is still news to its user, who is still in the chat. */
export const isStillNews = sql<boolean>`exists (
  select from messages m
  join members x on x.chat_id = m.chat_id and x.user_id = a.user_id
  where m.chat_id = a.chat_id and m.seq = a.handed_seq and ${isNews('a.user_id')}
)`;

/** The newest message that is news to the user of the alert `a`, of those that he is to be alerted of; null where none is. */
export const newestNews = sql<number | null>`(
  select m.seq from messages m
  join members x on x.chat_id = m.chat_id and x.user_id = a.user_id
  where m.chat_id = a.chat_id and m.seq > greatest(a.handed_seq, a.after_seq) and m.seq <= a.seq
    and ${isNews('a.user_id')}
  order by m.seq desc limit 1
)`;
