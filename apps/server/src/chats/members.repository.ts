import type { ChatId, MemberRole, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { isMember, joinRow } from '../streams/lookups.js';
import {
  memberColumns,
  memberJoins,
  type MemberRow,
  membersFrom,
  type MembersPosition,
} from './member-rows.js';

/** Where in a chat's stream somebody joins it. */
export interface JoinPosition {
  readonly chatId: ChatId;
  /** The `seq` of the entry that tells of it. */
  readonly joinedSeq: number;
  /** The chat's head of before, at which both marks of the new member stand (CHAT-3). */
  readonly lastSeq: number;
  readonly lastOrdinal: number;
}

/** The group that somebody is about to join or to be added to. */
export interface JoinableGroup {
  readonly visibility: 'private' | 'public';
  readonly last_seq: number;
  readonly last_ordinal: number;
  readonly member_count: number;
  readonly invite_hash: Buffer | null;
}

@Injectable()
export class MembersRepository {
  constructor(private readonly database: Database) {}

  /** Adds members who are none yet; the caller keeps the chat's `member_count`. */
  async insert(
    queries: Queries,
    position: JoinPosition,
    members: readonly { userId: UserId; role: MemberRole }[],
  ): Promise<void> {
    const userIds = members.map((member) => member.userId);
    await sql`
      insert into members (chat_id, user_id, role, joined_seq)
      select ${position.chatId}, m.user_id, m.role, ${position.joinedSeq}
      from unnest(${userIds}::uuid[], ${members.map((member) => member.role)}::text[]) as m (user_id, role)`.execute(
      queries,
    );
    await sql`
      insert into marks (chat_id, user_id, delivered_seq, seen_seq, seen_ordinal)
      select ${position.chatId}, m.user_id, ${position.lastSeq}, ${position.lastSeq}, ${position.lastOrdinal}
      from unnest(${userIds}::uuid[]) as m (user_id)`.execute(queries);
  }

  async remove(queries: Queries, chatId: ChatId, userId: UserId): Promise<void> {
    await queries
      .deleteFrom('members')
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
      .execute();
    await queries
      .deleteFrom('marks')
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
      .execute();
    await queries
      .deleteFrom('preferences')
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
      .execute();
  }

  /** Resolves with the new count. */
  async changeCount(queries: Queries, chatId: ChatId, difference: number): Promise<number> {
    const row = await queries
      .updateTable('chats')
      .set({ member_count: sql`member_count + ${difference}` })
      .where('id', '=', chatId)
      .returning('member_count')
      .executeTakeFirstOrThrow();
    return row.member_count;
  }

  findGroup(queries: Queries, chatId: ChatId): Promise<JoinableGroup | undefined> {
    return queries
      .selectFrom('chats')
      .select(['visibility', 'last_seq', 'last_ordinal', 'member_count', 'invite_hash'])
      .where('id', '=', chatId)
      .where('type', '=', 'group')
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  }

  async isMember(queries: Queries, chatId: ChatId, userId: UserId): Promise<boolean> {
    const present = await this.present(queries, chatId, [userId]);
    return present.length > 0;
  }

  /** Those of the users who are members, in the order in which they are named. */
  async present(queries: Queries, chatId: ChatId, userIds: readonly UserId[]): Promise<UserId[]> {
    if (userIds.length === 0) return [];
    const { rows } = await sql<{ id: UserId }>`
      select i.id from unnest(${[...userIds]}::uuid[]) as i (id)
      where ${isMember(sql.ref('i.id'), chatId)}`.execute(queries);
    return rows.map((row) => row.id);
  }

  /** Who becomes owner when the last one leaves: the oldest admin, else the oldest member (CHAT-2). */
  async successor(queries: Queries, chatId: ChatId, leaving: UserId): Promise<UserId | undefined> {
    const row = await queries
      .selectFrom('members')
      .select(['user_id', 'role'])
      .where('chat_id', '=', chatId)
      .where('user_id', '!=', leaving)
      .orderBy(sql`array_position(array['owner', 'admin', 'member'], role)`)
      .orderBy('joined_seq')
      .orderBy('user_id')
      .limit(1)
      .executeTakeFirst();
    return row?.role === 'owner' ? undefined : row?.user_id;
  }

  async roleOf(queries: Queries, chatId: ChatId, userId: UserId): Promise<MemberRole | undefined> {
    const row = await queries
      .selectFrom('members')
      .select('role')
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row?.role;
  }

  async countOwners(queries: Queries, chatId: ChatId): Promise<number> {
    const { count } = await queries
      .selectFrom('members')
      .select((builder) => builder.fn.countAll<number>().as('count'))
      .where('chat_id', '=', chatId)
      .where('role', '=', 'owner')
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Ends every membership of a chat; resolves with those who were members. */
  async removeAll(queries: Queries, chatId: ChatId): Promise<UserId[]> {
    const rows = await queries
      .deleteFrom('members')
      .where('chat_id', '=', chatId)
      .returning('user_id')
      .execute();
    await queries.deleteFrom('marks').where('chat_id', '=', chatId).execute();
    await queries.deleteFrom('preferences').where('chat_id', '=', chatId).execute();
    return rows.map((row) => row.user_id);
  }

  async memberIds(queries: Queries, chatId: ChatId): Promise<UserId[]> {
    const rows = await queries
      .selectFrom('members')
      .select('user_id')
      .where('chat_id', '=', chatId)
      .execute();
    return rows.map((row) => row.user_id);
  }

  /** The chats of which a user is a member, or only the groups, with ids above `after`, ascending. */
  async chatsOf(
    userId: UserId,
    after: ChatId | undefined,
    limit: number,
    type?: 'group',
  ): Promise<ChatId[]> {
    const rows = await this.database
      .selectFrom('members as m')
      .innerJoin('chats as c', 'c.id', 'm.chat_id')
      .select('m.chat_id')
      .where('m.user_id', '=', userId)
      .$if(type !== undefined, (query) => query.where('c.type', '=', type ?? null))
      .$if(after !== undefined, (query) => query.where('m.chat_id', '>', after ?? null))
      .orderBy('m.chat_id')
      .limit(limit)
      .execute();
    return rows.map((row) => row.chat_id);
  }

  async setRole(queries: Queries, chatId: ChatId, userId: UserId, role: MemberRole): Promise<void> {
    await queries
      .updateTable('members')
      .set({ role })
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
      .execute();
  }

  /** Members in the order in which they joined. */
  async list(
    chatId: ChatId,
    after: MembersPosition | undefined,
    limit: number,
  ): Promise<MemberRow[]> {
    const { rows } = await sql<MemberRow>`
      select ${memberColumns}
      from ${membersFrom(chatId, after, limit)} m ${memberJoins}
      order by m.joined_seq, m.user_id`.execute(this.database);
    return rows;
  }

  async read(chatId: ChatId, userIds: readonly UserId[]): Promise<MemberRow[]> {
    const { rows } = await sql<MemberRow>`
      select ${memberColumns}
      from unnest(${[...userIds]}::uuid[]) as i (id)
      ${joinRow(sql`members m where m.chat_id = ${chatId} and m.user_id = i.id`, 'm')}
      ${memberJoins}
      order by m.joined_seq, m.user_id`.execute(this.database);
    return rows;
  }
}
