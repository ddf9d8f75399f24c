import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { MessageRow } from '../streams/message-row.js';
import { isMember, joinRow } from '../streams/lookups.js';
import { messageColumns, messageJoins, visibleTo } from '../streams/message-view.js';

/** Where in a user's stars a page begins: below this one. */
export interface StarPosition {
  readonly at: string;
  readonly chatId: ChatId;
  readonly seq: number;
}

export interface StarredRow extends MessageRow {
  starred_at: Date;
}

@Injectable()
export class StarsRepository {
  constructor(private readonly database: Database) {}

  /** `false` where the message is starred already. */
  async add(queries: Queries, userId: UserId, chatId: ChatId, seq: number): Promise<boolean> {
    const row = await queries
      .insertInto('stars')
      .values({ user_id: userId, chat_id: chatId, seq })
      .onConflict((conflict) => conflict.doNothing())
      .returning('seq')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** `false` where the message is not starred. */
  async remove(queries: Queries, userId: UserId, chatId: ChatId, seq: number): Promise<boolean> {
    const { numDeletedRows } = await queries
      .deleteFrom('stars')
      .where('user_id', '=', userId)
      .where('chat_id', '=', chatId)
      .where('seq', '=', seq)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** The starred messages that the user still sees, the last one first. */
  async list(
    userId: UserId,
    after: StarPosition | undefined,
    limit: number,
  ): Promise<StarredRow[]> {
    const start =
      after &&
      sql`(t.starred_at, t.chat_id, t.seq)
        < (${after.at}::timestamptz, ${after.chatId}::uuid, ${after.seq}::bigint)`;
    const { rows } = await sql<StarredRow>`
      select ${messageColumns(userId)}, t.starred_at
      from stars t
      ${joinRow(sql`messages k where k.chat_id = t.chat_id and k.seq = t.seq`, 'm')}
      ${messageJoins}
      where t.user_id = ${userId} and ${isMember(userId, sql.ref('t.chat_id'))}
        and m.deleted_at is null and ${visibleTo(userId, 'm')} and ${start ?? sql`true`}
      order by t.starred_at desc, t.chat_id desc, t.seq desc
      limit ${limit}`.execute(this.database);
    return rows;
  }
}
