import type { ChatEntry, ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database } from '../database/database.js';
import type { CommittedChatEntry, CommittedUserEvent } from './commit.js';
import { isMember } from './lookups.js';
import { readCommonMessages, readMessages } from './message-view.js';
import {
  keysOfRows,
  messagesByKey,
  pageOf,
  type StreamRow,
  streamColumnsOfChanges,
  streamColumnsOfMessages,
  toChatEntry,
  toCommittedEntry,
} from './stream-row.js';

/** Reads the stored streams. It asks nobody for leave but where a reader is named: its callers have. */
@Injectable()
export class LogRepository {
  constructor(private readonly database: Database) {}

  /** Entries of a chat with `seq` above `after`, ascending, as all its members see them. */
  async chatEntries(chatId: ChatId, after: number, limit: number): Promise<CommittedChatEntry[]> {
    const rows = pageOf(await this.streamRows(chatId, after, limit, sql`true`), limit);
    const messageOf = messagesByKey(await readCommonMessages(this.database, keysOfRows(rows)));
    return rows.map((row) => toCommittedEntry(row, messageOf(row)));
  }

  /**
   * A page of the same as one reader sees them; nothing unless he is a member when they are read. It may end before the
   * limit where its entries are large.
   */
  async chatEntriesFor(
    reader: UserId,
    chatId: ChatId,
    after: number,
    limit: number,
  ): Promise<{ entries: ChatEntry[]; hasMore: boolean }> {
    const rows = await this.streamRows(chatId, after, limit + 1, isMember(reader, chatId));
    const shown = pageOf(rows, limit);
    return { entries: await this.render(reader, shown), hasMore: rows.length > shown.length };
  }

  /** Stream rows as one reader sees them, in their order. */
  async render(reader: UserId, rows: readonly StreamRow[]): Promise<ChatEntry[]> {
    const messageOf = messagesByKey(await readMessages(this.database, reader, keysOfRows(rows)));
    return rows.map((row) => toChatEntry(row, messageOf(row)));
  }

  /** Events of a user's own stream with `userSeq` above `after`, ascending. */
  async userEvents(userId: UserId, after: number, limit: number): Promise<CommittedUserEvent[]> {
    const rows = await this.database
      .selectFrom('user_events')
      .selectAll()
      .where('user_id', '=', userId)
      .where('user_seq', '>', after)
      .orderBy('user_seq')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      userId: row.user_id,
      userSeq: row.user_seq,
      event: row.event,
      chatId: row.chat_id,
      details: row.details,
    }));
  }

  /**
   * A stream has no holes (SEQ-1), so that its next entries are known by number. A range with an end is read by its index
   * whatever PostgreSQL knows of the tables; of an open one it may sort all that is left of the chat.
   */
  private async streamRows(
    chatId: ChatId,
    after: number,
    limit: number,
    condition: RawBuilder<unknown>,
  ): Promise<StreamRow[]> {
    const range = sql`n.chat_id = ${chatId} and n.seq > ${after} and n.seq <= ${after + limit}`;
    const { rows } = await sql<StreamRow>`
      select ${streamColumnsOfMessages} from messages n where ${range} and ${condition}
      union all
      select ${streamColumnsOfChanges} from changes n where ${range} and ${condition}
      order by seq`.execute(this.database);
    return rows;
  }
}
