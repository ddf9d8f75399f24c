import type { ChatId, MessageId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { messageColumns, type MessageRow } from '../streams/message-row.js';

@Injectable()
export class MessagesRepository {
  constructor(private readonly database: Database) {}

  findById(chatId: ChatId, id: MessageId): Promise<MessageRow | undefined> {
    return this.messages(chatId).where('m.id', '=', id).executeTakeFirst();
  }

  /** The newest messages below `seq`, ascending. */
  async before(chatId: ChatId, seq: number, limit: number): Promise<MessageRow[]> {
    const rows = await this.messages(chatId)
      .where('m.seq', '<', seq)
      .orderBy('m.seq', 'desc')
      .limit(limit)
      .execute();
    return rows.toReversed();
  }

  /** The oldest messages above `seq`, ascending. */
  after(chatId: ChatId, seq: number, limit: number): Promise<MessageRow[]> {
    return this.messages(chatId).where('m.seq', '>', seq).orderBy('m.seq').limit(limit).execute();
  }

  private messages(chatId: ChatId) {
    return this.database
      .selectFrom('messages as m')
      .innerJoin('users as u', 'u.id', 'm.sender_id')
      .select(messageColumns)
      .where('m.chat_id', '=', chatId);
  }
}
