import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { Queries } from '../database/database.js';

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
      .selectFrom('preferences')
      .select(['muted_until', 'pinned_at', 'archived_at', 'marked_unread'])
      .where('chat_id', '=', chatId)
      .where('user_id', '=', userId)
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
    { mutedUntil, pinnedAt, archivedAt, markedUnread }: Preferences,
  ): Promise<void> {
    const columns = {
      muted_until: mutedUntil,
      pinned_at: pinnedAt,
      archived_at: archivedAt,
      marked_unread: markedUnread,
    };
    await queries
      .insertInto('preferences')
      .values({ chat_id: chatId, user_id: userId, ...columns })
      .onConflict((conflict) => conflict.columns(['chat_id', 'user_id']).doUpdateSet(columns))
      .execute();
  }

  /** The database's clock, which all nodes share. */
  async now(queries: Queries): Promise<Date> {
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(queries);
    const [row] = rows;
    if (!row) throw new Error('Unable to read the clock of the database');
    return row.now;
  }
}
