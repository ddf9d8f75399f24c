import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { CommittedUserEvent } from './commit.js';
import { messageColumns, type MessageRow } from './message-row.js';

/** Reads the stored streams. It asks nobody for leave: its callers have. */
@Injectable()
export class LogRepository {
  constructor(private readonly database: Database) {}

  /**
   * Entries of a chat with `seq` above `after`, ascending.
   *
   * @param reader Where given, nothing unless he is a member when it is read.
   */
  chatEntries(
    chatId: ChatId,
    after: number,
    limit: number,
    reader?: UserId,
  ): Promise<MessageRow[]> {
    return this.database
      .selectFrom('messages as m')
      .innerJoin('users as u', 'u.id', 'm.sender_id')
      .select(messageColumns)
      .where('m.chat_id', '=', chatId)
      .where('m.seq', '>', after)
      .$if(reader !== undefined, (query) =>
        query.where((builder) =>
          builder.exists(
            builder
              .selectFrom('members as r')
              .whereRef('r.chat_id', '=', 'm.chat_id')
              .where('r.user_id', '=', reader ?? null),
          ),
        ),
      )
      .orderBy('m.seq')
      .limit(limit)
      .execute();
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
}
