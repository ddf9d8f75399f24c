import type { ChatId, GroupSettings } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { releaseMedia } from '../streams/held-media.js';

/** What can be changed of a group. */
export interface GroupInfo {
  /** Null of a direct chat. */
  readonly title: string | null;
  readonly description: string | null;
  /** The name of its avatar. */
  readonly avatar: string | null;
  readonly visibility: 'private' | 'public';
  readonly settings: GroupSettings;
  /** Null: messages live for ever. */
  readonly messageTtlMs: number | null;
}

export interface InvitedGroupRow {
  readonly id: ChatId;
  readonly title: string | null;
  readonly avatar: string | null;
  readonly member_count: number;
}

/** What a chat's stream is made of, and what hangs on it. */
const CONTENT = [
  'messages',
  'changes',
  'reactions',
  'stars',
  'hidden',
  'mark_history',
  'search_tokens',
  'search_segments',
] as const;

@Injectable()
export class GroupsRepository {
  constructor(private readonly database: Database) {}

  async info(queries: Queries, chatId: ChatId): Promise<GroupInfo> {
    const row = await queries
      .selectFrom('chats')
      .selectAll()
      .where('id', '=', chatId)
      .executeTakeFirstOrThrow();
    return {
      title: row.title,
      description: row.description,
      avatar: row.avatar,
      visibility: row.visibility,
      settings: {
        send: row.send_setting,
        addMembers: row.add_members_setting,
        editInfo: row.edit_info_setting,
      },
      messageTtlMs: row.message_ttl_ms,
    };
  }

  async setInfo(queries: Queries, chatId: ChatId, info: GroupInfo): Promise<void> {
    await queries
      .updateTable('chats')
      .set({
        title: info.title,
        description: info.description,
        avatar: info.avatar,
        visibility: info.visibility,
        send_setting: info.settings.send,
        add_members_setting: info.settings.addMembers,
        edit_info_setting: info.settings.editInfo,
        message_ttl_ms: info.messageTtlMs,
      })
      .where('id', '=', chatId)
      .execute();
  }

  /** Without its members, a chat that is deleted can be found by nobody. */
  async markDeleted(queries: Queries, chatId: ChatId): Promise<void> {
    await queries
      .updateTable('chats')
      .set({
        deleted_at: sql`now()`,
        visibility: 'private',
        invite_hash: null,
        avatar: null,
        member_count: 0,
      })
      .where('id', '=', chatId)
      .execute();
  }

  /** Removes up to `limit` rows of each kind of chats that are deleted; resolves with the most that there were of one. */
  async purge(limit: number): Promise<number> {
    const { rows } = await sql`
      select from chats where deleted_at is not null and not purged limit 1`.execute(this.database);
    if (rows.length === 0) return 0;
    let most = 0;
    for (const table of CONTENT) {
      const { numAffectedRows } = await sql`
        delete from ${sql.table(table)} where ctid = any (array(
          select t.ctid from chats c join ${sql.table(table)} t on t.chat_id = c.id
          where c.deleted_at is not null and not c.purged limit ${limit}
        ))`.execute(this.database);
      most = Math.max(most, Number(numAffectedRows ?? 0));
    }
    most = Math.max(most, await this.purgeMedia(limit));
    if (most < limit) {
      // Nothing is written to a deleted chat any more, but what was under way when it was deleted may just have been.
      await sql`
        update chats set purged = true
        where deleted_at < now() - interval '10 minutes' and not purged`.execute(this.database);
    }
    return most;
  }

  private purgeMedia(limit: number): Promise<number> {
    return this.database.transaction().execute((queries) =>
      releaseMedia(
        queries,
        sql<boolean>`h.ctid = any (array(
          select t.ctid from chats c join message_media t on t.chat_id = c.id
          where c.deleted_at is not null and not c.purged limit ${limit}
        ))`,
      ),
    );
  }

  async setInvite(queries: Queries, chatId: ChatId, hash: Buffer | null): Promise<void> {
    await queries
      .updateTable('chats')
      .set({ invite_hash: hash })
      .where('id', '=', chatId)
      .execute();
  }

  findByInvite(hash: Buffer): Promise<InvitedGroupRow | undefined> {
    return this.database
      .selectFrom('chats')
      .select(['id', 'title', 'avatar', 'member_count'])
      .where('invite_hash', '=', hash)
      .executeTakeFirst();
  }
}
