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
    const stream = await this.database
      .selectFrom('user_streams')
      .select('last_seq')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    const { rows: chats } = await sql<MembershipHead>`
      select m.chat_id as "chatId", c.last_seq as "lastSeq"
      from members m join chats c on c.id = m.chat_id
      where m.user_id = ${userId}`.execute(this.database);
    return { userSeq: stream?.last_seq ?? 0, chats };
  }
}
