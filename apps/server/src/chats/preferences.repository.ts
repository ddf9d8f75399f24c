import type { ChatId, Draft, MessageId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Queries } from '../database/database.js';
import { visibleTo } from '../streams/message-view.js';
import { toDraft } from './chats.mapper.js';
import { markedUnread } from './chats.repository.js';

/** What a member has set for himself in a chat. */
export interface Preferences {
  readonly mutedUntil: Date | null;
  readonly pinnedAt: Date | null;
  readonly archivedAt: Date | null;
  readonly markedUnread: boolean;
}

const NONE: Preferences = {
  mutedUntil: null,
  pinnedAt: null,
  archivedAt: null,
  markedUnread: false,
};

@Injectable()
export class PreferencesRepository {
  /** Of a member who has set nothing, what holds without. */
  async read(queries: Queries, chatId: ChatId, userId: UserId): Promise<Preferences> {
    const row = await queries
      .selectFrom('preferences as p')
      .innerJoin('marks as k', (join) =>
        join.onRef('k.chat_id', '=', 'p.chat_id').onRef('k.user_id', '=', 'p.user_id'),
      )
      .select(['p.muted_until', 'p.pinned_at', 'p.archived_at', markedUnread.as('marked_unread')])
      .where('p.chat_id', '=', chatId)
      .where('p.user_id', '=', userId)
      .executeTakeFirst();
    if (!row) return NONE;
    return {
      mutedUntil: row.muted_until,
      pinnedAt: row.pinned_at,
      archivedAt: row.archived_at,
      markedUnread: row.marked_unread,
    };
  }

  async write(
    queries: Queries,
    chatId: ChatId,
    userId: UserId,
    { mutedUntil, pinnedAt, archivedAt, markedUnread: isMarkedUnread }: Preferences,
  ): Promise<void> {
    const columns = {
      muted_until: mutedUntil,
      pinned_at: pinnedAt,
      archived_at: archivedAt,
      marked_unread_at_seq: isMarkedUnread
        ? sql<number>`(select seen_seq from marks where chat_id = ${chatId} and user_id = ${userId})`
        : null,
    };
    await queries
      .insertInto('preferences')
      .values({ chat_id: chatId, user_id: userId, ...columns })
      .onConflict((conflict) => conflict.columns(['chat_id', 'user_id']).doUpdateSet(columns))
      .execute();
  }

  /** What the member has begun to write; `undefined` where there is nothing. */
  async draft(queries: Queries, chatId: ChatId, userId: UserId): Promise<Draft | undefined> {
    const row = await queries
      .selectFrom('preferences')
      .select(['draft_text', 'draft_reply_to_id'])
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row && toDraft(row);
  }

  async setDraft(
    queries: Queries,
    chatId: ChatId,
    userId: UserId,
    draft: Draft | undefined,
  ): Promise<void> {
    const columns = {
      draft_text: draft?.text ?? null,
      draft_reply_to_id: draft?.replyToId ?? null,
    };
    await queries
      .insertInto('preferences')
      .values({ chat_id: chatId, user_id: userId, ...columns })
      .onConflict((conflict) => conflict.columns(['chat_id', 'user_id']).doUpdateSet(columns))
      .execute();
  }

  async forgetDrafts(queries: Queries, userId: UserId): Promise<void> {
    // By his memberships: the index of preferences begins with the chat.
    await sql`
      update preferences p set draft_text = null, draft_reply_to_id = null
      from members m
      where m.user_id = ${userId} and p.chat_id = m.chat_id and p.user_id = m.user_id
        and p.draft_text is not null`.execute(queries);
  }

  /** Whether a message is in the chat and the member can see it. */
  async sees(
    queries: Queries,
    chatId: ChatId,
    userId: UserId,
    messageId: MessageId,
  ): Promise<boolean> {
    const { rows } = await sql`
      select from messages m
      where m.id = ${messageId} and m.chat_id = ${chatId} and ${visibleTo(userId, 'm')}`.execute(
      queries,
    );
    return rows.length > 0;
  }

  /** Hides everything up to `upToSeq` from the member; `false` where that is hidden already. */
  async clear(queries: Queries, chatId: ChatId, userId: UserId, upToSeq: number): Promise<boolean> {
    const { rows } = await sql`
      insert into preferences as p (chat_id, user_id, cleared_seq, cleared_ordinal)
      select ${chatId}, ${userId}, ${upToSeq}, coalesce((
        select m.ordinal from messages m where m.chat_id = ${chatId} and m.seq <= ${upToSeq}
        order by m.seq desc limit 1
      ), 0)
      where ${upToSeq} > 0
      on conflict (chat_id, user_id) do update
        set cleared_seq = excluded.cleared_seq, cleared_ordinal = excluded.cleared_ordinal
        where p.cleared_seq < excluded.cleared_seq
      returning p.chat_id`.execute(queries);
    return rows.length > 0;
  }

  /** The database's clock, which all nodes share. */
  async now(queries: Queries): Promise<Date> {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(queries);
    const [row] = rows;
    if (!row) throw new Error('Unable to read the clock of the database');
    return row.now;
  }
}
