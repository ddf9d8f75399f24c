import { type ChatId, shownLimits, type UserId } from '@natter/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database/database.js';
import { isMember, isThere, joinRow, leftJoinRow } from './lookups.js';
import type { MessageRow } from './message-row.js';

/** A message as everybody sees it, with those who do not. */
export interface CommonMessageRow extends MessageRow {
  /** Members who deleted it for themselves, or cleared the chat up to it. */
  hidden_from: UserId[] | null;
  /** Members from whom the quoted message is hidden. */
  reply_hidden_from: UserId[] | null;
}

/** Whether a message's time is not over (MSG-7). */
function isAlive(message: 'm' | 's'): RawBuilder<boolean> {
  const expiresAt = sql.ref(`${message}.expires_at`);
  return sql<boolean>`(${expiresAt} is null or ${expiresAt} > clock_timestamp())`;
}

/**
 * Whether a message is there for a reader: its time is not over (MSG-7), and it is not hidden from him (MSG-4,
 * BLOCK-1). His membership is another question.
 *
 * @param reader A user, or the column that names him.
 * @param message Alias of `messages`.
 */
export function visibleTo(
  reader: UserId | RawBuilder<UserId>,
  message: 'm' | 's',
): RawBuilder<boolean> {
  const [chatId, seq] = [sql.ref(`${message}.chat_id`), sql.ref(`${message}.seq`)];
  return sql<boolean>`(
    ${isAlive(message)}
    and not ${isThere(sql`hidden h where h.user_id = ${reader} and h.chat_id = ${chatId} and h.seq = ${seq}`)}
    and not ${isThere(sql`preferences p where p.chat_id = ${chatId} and p.user_id = ${reader} and p.cleared_seq >= ${seq}`)}
  )`;
}

const STORED = sql`
  m.chat_id, m.seq, m.id, m.kind, m.sender_id, m.sender_device_id, m.client_message_id, m.text, m.mentions,
  m.encrypted, m.system, m.reply_to_id, m.forwarded, m.created_at, m.edited_at, m.deleted_at, m.pinned_at,
  m.expires_at, case when m.kind in ('media', 'encrypted') then media_of(m.chat_id, m.seq) end as media,
  u.username, u.display_name, u.avatar, s.sender_id as reply_sender_id, s.kind as reply_kind`;

const quoted = sql`left(s.text, ${sql.lit(shownLimits.previewLength)})`;

function reactions(mine: RawBuilder<boolean>): RawBuilder<unknown> {
  return sql`(
    select json_agg(json_build_object('emoji', r.emoji, 'count', r.count, 'mine', r.mine) order by r.first_at, r.emoji)
    from (
      select e.emoji, count(*) as count, bool_or(${mine}) as mine, min(e.created_at) as first_at
      from reactions e where e.chat_id = m.chat_id and e.seq = m.seq group by e.emoji
    ) r
  ) as reactions`;
}

/** What the columns below are of: `messages m`, its sender `u`, and the message `s` that it quotes. */
export const messageJoins = sql`
  join users u on u.id = m.sender_id
  ${leftJoinRow(sql`messages s where s.chat_id = m.chat_id and s.seq = m.reply_to_seq`, 's')}`;

/** The columns of a `MessageRow` as one reader sees it. */
export function messageColumns(reader: UserId): RawBuilder<unknown> {
  return sql`${STORED},
    case when m.reply_to_seq is not null and ${visibleTo(reader, 's')} then ${quoted} end as reply_text,
    ${reactions(sql<boolean>`e.user_id = ${reader}`)},
    m.deleted_at is null and ${isThere(
      sql`stars t where t.user_id = ${reader} and t.chat_id = m.chat_id and t.seq = m.seq`,
    )} as starred`;
}

/** The columns of a `CommonMessageRow`. */
const commonColumns = sql`${STORED}, case when ${isAlive('s')} then ${quoted} end as reply_text, ${reactions(sql.lit(false))}, false as starred,
  hidden_from(m.chat_id, m.seq) as hidden_from, hidden_from(m.chat_id, m.reply_to_seq) as reply_hidden_from`;

/** The messages `m` of the keys `i`. */
const byKey = joinRow(sql`messages k where k.chat_id = i.chat_id and k.seq = i.seq`, 'm');

/** Names messages by chat and `seq`. */
export type MessageKey = readonly [ChatId, number];

/**
 * As sub-selects, whose length no plan knows: for a short list, which is the usual one, a plan of its own would look
 * cheaper each time than the one that is kept, and planning takes many times as long as reading.
 */
function keysOf(keys: readonly MessageKey[]): RawBuilder<unknown> {
  const [chatIds, seqs] = [keys.map(([chatId]) => chatId), keys.map(([, seq]) => seq)];
  return sql`unnest((select ${chatIds}::uuid[]), (select ${seqs}::bigint[]))`;
}

/** The messages among `keys` that the reader can see where he is a member, in no order. */
export async function readMessages(
  queries: Queries,
  reader: UserId,
  keys: readonly MessageKey[],
): Promise<MessageRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<MessageRow>`
    select ${messageColumns(reader)}
    from ${keysOf(keys)} as i (chat_id, seq)
    ${byKey}
    ${messageJoins}
    where ${visibleTo(reader, 'm')}
      and ${isMember(reader, sql.ref('m.chat_id'))}`.execute(queries);
  return rows;
}

/** The messages as all see them who may, in no order. For the dispatch alone, which asks nobody for leave. */
export async function readCommonMessages(
  queries: Queries,
  keys: readonly MessageKey[],
): Promise<CommonMessageRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<CommonMessageRow>`
    select ${commonColumns}
    from ${keysOf(keys)} as i (chat_id, seq)
    ${byKey}
    ${messageJoins}
    where ${isAlive('m')}`.execute(queries);
  return rows;
}
