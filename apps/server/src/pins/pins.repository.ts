import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { MessageRow } from '../streams/message-row.js';
import { isMember } from '../streams/lookups.js';
import { messageColumns, messageJoins, visibleTo } from '../streams/message-view.js';

/** Where in a chat's pins a page begins: below this one. */
export interface PinPosition {
  readonly at: string;
  readonly seq: number;
}

export interface PinnedRow extends MessageRow {
  pinned_at: Date;
}

@Injectable()
export class PinsRepository {
  constructor(private readonly database: Database) {}

  async count(queries: Queries, chatId: ChatId): Promise<number> {
    const { count } = await queries
      .selectFrom('messages')
      .select((builder) => builder.fn.countAll<number>().as('count'))
      .where('chat_id', '=', chatId)
      .where('pinned_at', 'is not', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  async set(queries: Queries, chatId: ChatId, seq: number, pinned: boolean): Promise<void> {
    await queries
      .updateTable('messages')
      .set({ pinned_at: pinned ? sql`clock_timestamp()` : null })
      .where('chat_id', '=', chatId)
      .where('seq', '=', seq)
      .execute();
  }

  /** The pinned messages that a member sees, the last one first. */
  async list(
    reader: UserId,
    chatId: ChatId,
    after: PinPosition | undefined,
    limit: number,
  ): Promise<PinnedRow[]> {
    const start = after && sql`(m.pinned_at, m.seq) < (${after.at}::timestamptz, ${after.seq})`;
    const { rows } = await sql<PinnedRow>`
      select ${messageColumns(reader)} from messages m ${messageJoins}
      where m.chat_id = ${chatId} and m.pinned_at is not null and ${visibleTo(reader, 'm')}
        and ${isMember(reader, chatId)}
        and ${start ?? sql`true`}
      order by m.pinned_at desc, m.seq desc
      limit ${limit}`.execute(this.database);
    return rows;
  }
}
