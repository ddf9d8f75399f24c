import type { MediaId } from '@natter/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database/database.js';
import type { MessageKey } from './message-view.js';

/**
 * Ends that these messages hold media. What no other one holds is in no answer from the commit on (MEDIA-2), and its
 * bytes go after that.
 */
export async function releaseMediaOf(queries: Queries, keys: readonly MessageKey[]): Promise<void> {
  await releaseMedia(
    queries,
    sql<boolean>`(h.chat_id, h.seq) in (
      select * from unnest(
        ${keys.map(([chatId]) => chatId)}::uuid[], ${keys.map(([, seq]) => seq)}::bigint[]
      )
    )`,
  );
}

/** The same of those rows of `message_media h` for which the condition holds; resolves with how many there were. */
export async function releaseMedia(
  queries: Queries,
  condition: RawBuilder<boolean>,
): Promise<number> {
  const { rows } = await sql<{ media_id: MediaId }>`
    delete from message_media h where ${condition} returning h.media_id`.execute(queries);
  if (rows.length > 0) {
    await sql`select release_media(${rows.map((row) => row.media_id)}::uuid[])`.execute(queries);
  }
  return rows.length;
}
