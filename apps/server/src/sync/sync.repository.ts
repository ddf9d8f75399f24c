import { type ChatId, pageLimits, type UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database } from '../database/database.js';
import { joinRow } from '../streams/lookups.js';
import {
  type StreamRow,
  streamColumnsOfChanges,
  streamColumnsOfMessages,
} from '../streams/stream-row.js';

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

/** A member's marks, as they are now. */
export interface MarkRow {
  chat_id: ChatId;
  user_id: UserId;
  delivered_seq: number;
  delivered_at: Date | null;
  seen_seq: number;
  seen_at: Date | null;
  /** Whether privacy hides from the reader what the member has seen (RCPT-1). */
  seen_hidden: boolean;
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
    // The inner limit has each chat looked up by what is new: to join them, the planner may read all there is of either table.
    const countOf = (table: 'messages' | 'changes') => sql`(
      select from members m
      cross join lateral (
        select from ${sql.table(table)} e
        where e.chat_id = m.chat_id and e.xid >= ${since}::xid8 and e.seq + 0 >= m.joined_seq
        limit ${most}
      ) e
      where m.user_id = ${userId}
      limit ${most}
    )`;
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (${countOf('messages')} union all ${countOf('changes')}) counted`.execute(
      this.database,
    );
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
  ): Promise<StreamRow[]> {
    // Offset and sum keep the planner from walking a whole chat by seq in search of the few new entries.
    const newIn = (table: 'messages' | 'changes') => sql`(
      select ${table === 'messages' ? streamColumnsOfMessages : streamColumnsOfChanges}
      from (
        select * from ${sql.table(table)} t
        where t.chat_id = mb.chat_id and t.xid >= ${since}::xid8 and t.seq + 0 >= mb.joined_seq
        offset 0
      ) n
      where mb.chat_id > ${position.chatId} or n.seq > ${position.seq}
      order by n.seq
      limit ${limit}
    )`;
    const { rows } = await sql<StreamRow>`
      select e.* from members mb
      cross join lateral (
        ${newIn('messages')} union all ${newIn('changes')}
        order by seq
        limit ${limit}
      ) e
      where mb.user_id = ${userId} and mb.chat_id >= ${position.chatId} and ${this.wasThere(userId, userSeq)}
      order by mb.chat_id, e.seq
      limit ${limit}`.execute(this.database);
    return rows;
  }

  /**
   * Marks that transactions from `since` on moved in the user's chats: his own everywhere, those of others in groups
   * small enough that everybody is told of each (RCPT-2). By chat, those above `after`.
   */
  async marksSince(
    userId: UserId,
    since: string,
    userSeq: number,
    after: ChatId,
  ): Promise<MarkRow[]> {
    // While a block stands, of the other what was so before it (BLOCK-1).
    const shown = (before: string, now: string) => sql`case
      when k.user_id = mb.user_id or k.shown_xid is null then ${sql.ref(now)} else ${sql.ref(before)}
    end`;
    // Of a large group one row is read, and not those of all members. The offsets have each own chat looked up: to join
    // them, the planner would read the chats of everybody, or the marks of a group before it knows how large it is.
    const { rows } = await sql<MarkRow>`
      select
        k.chat_id, k.user_id,
        ${shown('k.shown_delivered_seq', 'k.delivered_seq')} as delivered_seq,
        ${shown('k.shown_at', 'k.delivered_at')} as delivered_at,
        ${shown('k.shown_seen_seq', 'k.seen_seq')} as seen_seq,
        ${shown('k.shown_at', 'k.seen_at')} as seen_at,
        k.user_id <> mb.user_id and not (
          me.seen_privacy and (select u.seen_privacy from users u where u.id = k.user_id)
        ) as seen_hidden
      from members mb
      join users me on me.id = mb.user_id
      ${joinRow(sql`chats c where c.id = mb.chat_id`, 'c')}
      cross join lateral (
        select * from marks own where own.chat_id = mb.chat_id and own.user_id = mb.user_id
        union all
        select * from marks other
        where other.chat_id = mb.chat_id and other.user_id <> mb.user_id and c.member_count <= ${pageLimits.smallGroup}
        offset 0
      ) k
      where mb.user_id = ${userId} and mb.chat_id > ${after} and ${this.wasThere(userId, userSeq)}
        and ${shown('k.shown_xid', 'k.xid')} >= ${since}::xid8
      order by k.chat_id, k.user_id`.execute(this.database);
    return rows;
  }

  /** Of `members mb`: not added by an event that the run has not come to yet. */
  private wasThere(userId: UserId, userSeq: number): RawBuilder<boolean> {
    return sql<boolean>`not exists (
      select from user_events a
      where a.user_id = ${userId} and a.user_seq > ${userSeq} and a.event = 'chatAdded' and a.chat_id = mb.chat_id
    )`;
  }
}
