import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import { messageColumns, type MessageRow } from '../streams/message-row.js';

/** Where the database stands, for one user. Transaction ids are 64 bits and so are kept as digits. */
export interface Position {
  /** Every transaction below it has ended: what commits from now on has this id or a higher one. */
  readonly oldestOpen: string;
  /** No transaction has this id or a higher one yet. */
  readonly next: string;
  readonly userSeq: number;
}

/** Up to where the chats were read in a run of pages, which goes chat by chat, `seq` ascending. */
export interface ChatPosition {
  readonly chatId: ChatId;
  readonly seq: number;
}

@Injectable()
export class SyncRepository {
  constructor(private readonly database: Database) {}

  async position(userId: UserId): Promise<Position> {
    const { rows } = await sql<Position>`
      select
        pg_snapshot_xmin(pg_current_snapshot())::text as "oldestOpen",
        pg_snapshot_xmax(pg_current_snapshot())::text as next,
        s.last_seq as "userSeq"
      from user_streams s where s.user_id = ${userId}`.execute(this.database);
    const [position] = rows;
    if (!position) throw new Error(`Unable to find the stream of the user ${userId}`);
    return position;
  }

  /** How many entries of the user's chats were made by `since` or later; counts no further than `most`. */
  async countSince(userId: UserId, since: string, most: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (
        select from members m
        join messages e on e.chat_id = m.chat_id and e.xid >= ${since}::xid8 and e.seq >= m.joined_seq
        where m.user_id = ${userId}
        limit ${most}
      ) counted`.execute(this.database);
    return rows[0]?.count ?? 0;
  }

  /**
   * Entries that transactions from `since` on made in the user's chats, after `position`, by chat and `seq`. Chats that
   * were added above `userSeq` wait for the next run, which tells of them first.
   */
  async entriesSince(
    userId: UserId,
    since: string,
    userSeq: number,
    position: ChatPosition,
    limit: number,
  ): Promise<MessageRow[]> {
    const columns = sql.join(messageColumns.map((column) => sql.ref(column)));
    // The offset keeps the planner from walking a whole chat by seq in search of the few new entries.
    const { rows } = await sql<MessageRow>`
      select e.* from members mb
      cross join lateral (
        select ${columns}
        from (
          select * from messages n
          where n.chat_id = mb.chat_id and n.xid >= ${since}::xid8 and n.seq >= mb.joined_seq
          offset 0
        ) m
        join users u on u.id = m.sender_id
        where mb.chat_id > ${position.chatId} or m.seq > ${position.seq}
        order by m.seq
        limit ${limit}
      ) e
      where mb.user_id = ${userId} and mb.chat_id >= ${position.chatId}
        and not exists (
          select from user_events a
          where a.user_id = ${userId} and a.user_seq > ${userSeq} and a.event = 'chatAdded' and a.chat_id = mb.chat_id
        )
      order by mb.chat_id, e.seq
      limit ${limit}`.execute(this.database);
    return rows;
  }
}
