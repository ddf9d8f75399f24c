import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { userColumns, type UserRow } from '../users/user-row.js';

/** Where in a message's reactions a page begins: after this one. */
export interface ReactionPosition {
  readonly at: string;
  readonly emoji: string;
  readonly userId: UserId;
}

export interface ReactionRow extends UserRow {
  emoji: string;
  at: Date;
}

/** How many kinds of reaction a message has, in all and by one user. */
export interface ReactionKinds {
  readonly all: number;
  readonly own: number;
}

const COLUMNS = sql.join(userColumns.map((column) => sql.ref(`u.${column}`)));

@Injectable()
export class ReactionsRepository {
  constructor(private readonly database: Database) {}

  async kinds(
    queries: Queries,
    chatId: ChatId,
    seq: number,
    userId: UserId,
  ): Promise<ReactionKinds> {
    const { rows } = await sql<ReactionKinds>`
      select count(distinct emoji) as "all", count(*) filter (where user_id = ${userId}) as own
      from reactions where chat_id = ${chatId} and seq = ${seq}`.execute(queries);
    return rows[0] ?? { all: 0, own: 0 };
  }

  /** `false` where it is there already. */
  async add(
    queries: Queries,
    chatId: ChatId,
    seq: number,
    userId: UserId,
    emoji: string,
  ): Promise<boolean> {
    const row = await queries
      .insertInto('reactions')
      .values({ chat_id: chatId, seq, user_id: userId, emoji })
      .onConflict((conflict) => conflict.doNothing())
      .returning('seq')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** `false` where there is none. */
  async remove(
    queries: Queries,
    chatId: ChatId,
    seq: number,
    userId: UserId,
    emoji: string,
  ): Promise<boolean> {
    const { numDeletedRows } = await queries
      .deleteFrom('reactions')
      .where('chat_id', '=', chatId)
      .where('seq', '=', seq)
      .where('user_id', '=', userId)
      .where('emoji', '=', emoji)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** The reactions to a message, the first one first. */
  async list(
    chatId: ChatId,
    seq: number,
    emoji: string | undefined,
    after: ReactionPosition | undefined,
    limit: number,
  ): Promise<ReactionRow[]> {
    const place = sql`(e.created_at, e.emoji collate "C", e.user_id)`;
    const start =
      after &&
      sql`${place} > (${after.at}::timestamptz, ${after.emoji} collate "C", ${after.userId}::uuid)`;
    const { rows } = await sql<ReactionRow>`
      select ${COLUMNS}, e.emoji, e.created_at as at
      from reactions e join users u on u.id = e.user_id
      where e.chat_id = ${chatId} and e.seq = ${seq}
        and ${emoji === undefined ? sql`true` : sql`e.emoji = ${emoji}`} and ${start ?? sql`true`}
      order by e.created_at, e.emoji collate "C", e.user_id
      limit ${limit}`.execute(this.database);
    return rows;
  }
}
