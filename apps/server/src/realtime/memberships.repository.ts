import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';

export interface MembershipHead {
  readonly chatId: ChatId;
  readonly lastSeq: number;
}

/** What a connection begins with. */
export interface Memberships {
  /** Read before the chats: who was added to one since gets an event above it. */
  readonly userSeq: number;
  readonly chats: readonly MembershipHead[];
}

@Injectable()
export class MembershipsRepository {
  constructor(private readonly database: Database) {}

  async read(userId: UserId): Promise<Memberships> {
    const userSeq = await this.userSeq(userId);
    const { rows: chats } = await sql<MembershipHead>`
      select m.chat_id as "chatId", c.last_seq as "lastSeq"
      from members m join chats c on c.id = m.chat_id
      where m.user_id = ${userId}`.execute(this.database);
    return { userSeq, chats };
  }

  /** The head of the user's own stream. */
  async userSeq(userId: UserId): Promise<number> {
    const stream = await this.database
      .selectFrom('user_streams')
      .select('last_seq')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return stream?.last_seq ?? 0;
  }

  /** Where the chat stands, if the user is a member of it. */
  async find(userId: UserId, chatId: ChatId): Promise<MembershipHead | undefined> {
    const { rows } = await sql<MembershipHead>`
      select m.chat_id as "chatId", c.last_seq as "lastSeq"
      from members m join chats c on c.id = m.chat_id
      where m.user_id = ${userId} and m.chat_id = ${chatId}`.execute(this.database);
    return rows[0];
  }
}
