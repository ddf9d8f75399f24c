import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import { GatheredReads } from '../database/gathered-reads.js';

export interface MembershipHead {
  readonly chatId: ChatId;
  readonly lastSeq: number;
}

/** What a connection begins with, as it was at one moment. */
export interface Memberships {
  /** Who is added to a chat after that moment gets an event above it. */
  readonly userSeq: number;
  readonly chats: readonly MembershipHead[];
}

@Injectable()
export class MembershipsRepository {
  private readonly beginnings = new GatheredReads((users: readonly UserId[]) =>
    this.readAll(users),
  );
  private readonly heads = new GatheredReads((users: readonly UserId[]) => this.headsOf(users));

  constructor(private readonly database: Database) {}

  read(userId: UserId): Promise<Memberships> {
    return this.beginnings.get(userId);
  }

  /** The head of the user's own stream. */
  userSeq(userId: UserId): Promise<number> {
    return this.heads.get(userId);
  }

  /** Where the chat stands, if the user is a member of it. */
  async find(userId: UserId, chatId: ChatId): Promise<MembershipHead | undefined> {
    const { rows } = await sql<MembershipHead>`
      select m.chat_id as "chatId", c.last_seq as "lastSeq"
      from members m join chats c on c.id = m.chat_id
      where m.user_id = ${userId} and m.chat_id = ${chatId}`.execute(this.database);
    return rows[0];
  }

  private async readAll(userIds: readonly UserId[]): Promise<Memberships[]> {
    const { rows } = await sql<Memberships>`
      select coalesce(s.last_seq, 0) as "userSeq", coalesce(own.chats, '[]') as chats
      from unnest(${[...userIds]}::uuid[]) with ordinality as i (user_id, number)
      left join user_streams s on s.user_id = i.user_id
      cross join lateral (
        select json_agg(json_build_object('chatId', m.chat_id, 'lastSeq', c.last_seq)) as chats
        from members m join chats c on c.id = m.chat_id
        where m.user_id = i.user_id
      ) own
      order by i.number`.execute(this.database);
    return rows;
  }

  private async headsOf(userIds: readonly UserId[]): Promise<number[]> {
    const streams = await this.database
      .selectFrom('user_streams')
      .select(['user_id', 'last_seq'])
      .where('user_id', 'in', [...userIds])
      .execute();
    const heads = new Map(streams.map((stream) => [stream.user_id, stream.last_seq]));
    return userIds.map((userId) => heads.get(userId) ?? 0);
  }
}
