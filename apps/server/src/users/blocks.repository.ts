import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { type UserRow, userColumns } from './user-row.js';

/** Where in a user's blocks a page begins: below this one. */
export interface BlockPosition {
  readonly at: string;
  readonly userId: UserId;
}

export interface BlockRow extends UserRow {
  blocked_at: Date;
}

const COLUMNS = sql.join(userColumns.map((column) => sql.ref(`u.${column}`)));

@Injectable()
export class BlocksRepository {
  constructor(private readonly database: Database) {}

  /** `false` where he is blocked already. */
  async add(queries: Queries, blockerId: UserId, blockedId: UserId): Promise<boolean> {
    const row = await queries
      .insertInto('blocks')
      .values({ blocker_id: blockerId, blocked_id: blockedId })
      .onConflict((conflict) => conflict.doNothing())
      .returning('blocked_id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** `false` where he is not blocked. */
  async remove(queries: Queries, blockerId: UserId, blockedId: UserId): Promise<boolean> {
    const { numDeletedRows } = await queries
      .deleteFrom('blocks')
      .where('blocker_id', '=', blockerId)
      .where('blocked_id', '=', blockedId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Everybody whom the user blocks, and everybody who blocks him. */
  async around(userId: UserId, queries: Queries = this.database): Promise<UserId[]> {
    const { rows } = await sql<{ id: UserId }>`
      select blocked_id as id from blocks where blocker_id = ${userId}
      union select blocker_id from blocks where blocked_id = ${userId}`.execute(queries);
    return rows.map((row) => row.id);
  }

  /** The users whom a user blocks, the last one first; without deleted accounts. */
  async list(
    blockerId: UserId,
    after: BlockPosition | undefined,
    limit: number,
  ): Promise<BlockRow[]> {
    const start =
      after &&
      sql`(b.created_at, b.blocked_id) < (${after.at}::timestamptz, ${after.userId}::uuid)`;
    const { rows } = await sql<BlockRow>`
      select ${COLUMNS}, b.created_at as blocked_at
      from blocks b join users u on u.id = b.blocked_id
      where b.blocker_id = ${blockerId} and u.deleted_at is null and ${start ?? sql`true`}
      order by b.created_at desc, b.blocked_id desc
      limit ${limit}`.execute(this.database);
    return rows;
  }

  async directChat(one: UserId, other: UserId): Promise<ChatId | undefined> {
    const { rows } = await sql<{ id: ChatId }>`
      select id from chats
      where type = 'direct' and direct_low = least(${one}::uuid, ${other}::uuid)
        and direct_high = greatest(${one}::uuid, ${other}::uuid)`.execute(this.database);
    return rows[0]?.id;
  }

  /**
   * Has the direct chat of two users, if there is one, hold whether they block each other. While one does, both see of
   * the other's marks what they saw before, and afterwards until the mark moves.
   */
  async noteInDirectChat(queries: Queries, one: UserId, other: UserId): Promise<void> {
    const { rows } = await sql<{ id: ChatId; blocked: boolean }>`
      update chats c set
        low_blocks = exists (
          select from blocks b where b.blocker_id = c.direct_low and b.blocked_id = c.direct_high
        ),
        high_blocks = exists (
          select from blocks b where b.blocker_id = c.direct_high and b.blocked_id = c.direct_low
        )
      where type = 'direct' and direct_low = least(${one}::uuid, ${other}::uuid)
        and direct_high = greatest(${one}::uuid, ${other}::uuid)
      returning id, low_blocks or high_blocks as blocked`.execute(queries);
    const [chat] = rows;
    if (!chat?.blocked) return;
    await sql`
      update marks set
        shown_delivered_seq = coalesce(shown_delivered_seq, delivered_seq),
        shown_seen_seq = coalesce(shown_seen_seq, seen_seq),
        shown_at = case when shown_xid is null then greatest(delivered_at, seen_at) else shown_at end,
        shown_xid = coalesce(shown_xid, xid)
      where chat_id = ${chat.id}`.execute(queries);
  }
}
