import type { ChatId, MessageId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { messageColumns, type MessageRow } from '../streams/message-row.js';

@Injectable()
export class MessagesRepository {
  constructor(private readonly database: Database) {}

  findById(reader: UserId, chatId: ChatId, id: MessageId): Promise<MessageRow | undefined> {
    return this.messages(reader, chatId).where('m.id', '=', id).executeTakeFirst();
  }

  /** The newest messages below `seq`, ascending. */
  async before(reader: UserId, chatId: ChatId, seq: number, limit: number): Promise<MessageRow[]> {
    const rows = await this.messages(reader, chatId)
      .where('m.seq', '<', seq)
      .orderBy('m.seq', 'desc')
      .limit(limit)
      .execute();
    return rows.toReversed();
  }

  /** The oldest messages above `seq`, ascending. */
  after(reader: UserId, chatId: ChatId, seq: number, limit: number): Promise<MessageRow[]> {
    return this.messages(reader, chatId)
      .where('m.seq', '>', seq)
      .orderBy('m.seq')
      .limit(limit)
      .execute();
  }

  /** Read with the membership in one query: who is removed meanwhile reads nothing (PRIV-1). */
  private messages(reader: UserId, chatId: ChatId) {
    return this.database
      .selectFrom('messages as m')
      .innerJoin('users as u', 'u.id', 'm.sender_id')
      .select(messageColumns)
      .where('m.chat_id', '=', chatId)
      .where((builder) =>
        builder.exists(
          builder
            .selectFrom('members as r')
            .whereRef('r.chat_id', '=', 'm.chat_id')
            .where('r.user_id', '=', reader),
        ),
      );
  }
}
