import type { ChatId, UserId } from '@natter/protocol';
import { type RawBuilder, sql } from 'kysely';

/**
 * Rows that are looked up one by one, by all that is known of them.
 *
 * PostgreSQL plans for somebody who has little of everything, and for a chat with few members and messages. Where one of
 * two columns has the same value for all rows of a query, to join by that one looks as cheap to it as to look up each row
 * by both, and then all that somebody has, or all of a chat, is walked through again for each row. An offset keeps the
 * lookup apart from what is around it.
 */
function lookup(columns: RawBuilder<unknown>, row: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select ${columns} from ${row} offset 0)`;
}

/**
 * Joins a row that must be there.
 *
 * @param row A table with its condition, which may name what stands before it.
 * @param alias For the columns of the row.
 */
export function joinRow(row: RawBuilder<unknown>, alias: string): RawBuilder<unknown> {
  return sql`cross join lateral ${lookup(sql`*`, row)} ${sql.id(alias)}`;
}

/** Joins a row that may be there. */
export function leftJoinRow(row: RawBuilder<unknown>, alias: string): RawBuilder<unknown> {
  return sql`left join lateral ${lookup(sql`*`, row)} ${sql.id(alias)} on true`;
}

/** Whether a row is there. */
export function isThere(row: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists ${lookup(sql``, row)}`;
}

/**
 * Whether a user is a member now, asked by what reads for him: who is removed meanwhile reads nothing (PRIV-1).
 *
 * @param userId A user, or the column that names him.
 * @param chatId A chat, or the column that names it.
 */
export function isMember(
  userId: UserId | RawBuilder<UserId>,
  chatId: ChatId | RawBuilder<ChatId>,
): RawBuilder<boolean> {
  // An alias that no caller has: else his column would be taken for one of this table.
  return isThere(sql`members asked where asked.chat_id = ${chatId} and asked.user_id = ${userId}`);
}
