import type { ChatId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { int8Array, timestamptzArray, uuidArray } from '../database/binary-arrays.js';
import type { Queries } from '../database/database.js';
import { SEGMENT_ENTRIES, segmentOf } from './segments.js';

/** What of a span says where it stands. */
export interface Extent {
  readonly chatId: ChatId;
  readonly seq: number;
  readonly oldestAt: Date;
  readonly newestAt: Date;
}

/** Parts of chats' streams, in which a search looks one by one. */
@Injectable()
export class SearchSegmentsRepository {
  /**
   * What the tokens of each of the extents begin with: the id of its segment, which is made where it is not there. Whoever
   * asks has claimed the positions of their chats.
   */
  async prefixes(queries: Queries, extents: readonly Extent[]): Promise<string[]> {
    await this.extend(queries, extents);
    const { rows } = await sql<{ key: string; id: string }>`
      select s.chat_id || ':' || s.segment as key, s.id::text
      from (select distinct i.chat_id, i.segment from ${this.wanted(extents)}) i
      join search_segments s on s.chat_id = i.chat_id and s.segment = i.segment`.execute(queries);
    const ids = new Map(rows.map(({ key, id }) => [key, id]));
    return extents.map(({ chatId, seq }) => {
      const id = ids.get(`${chatId}:${segmentOf(seq)}`);
      if (id === undefined) throw new Error(`Unable to find a segment of the chat ${chatId}`);
      return `${id}:`;
    });
  }

  private async extend(queries: Queries, extents: readonly Extent[]): Promise<void> {
    const segments = sql`(
      select i.chat_id, i.segment, min(i.oldest_at) as oldest_at, max(i.newest_at) as newest_at
      from ${this.wanted(extents)} group by 1, 2
    ) i`;
    // An upsert would use up an id for every segment that is there.
    await sql`
      insert into search_segments (chat_id, segment, oldest_at, newest_at)
      select * from ${segments}
      where not exists (select from search_segments s where s.chat_id = i.chat_id and s.segment = i.segment)
      on conflict do nothing`.execute(queries);
    await sql`
      update search_segments s
      set oldest_at = least(s.oldest_at, i.oldest_at), newest_at = greatest(s.newest_at, i.newest_at)
      from ${segments}
      where s.chat_id = i.chat_id and s.segment = i.segment
        and (i.oldest_at < s.oldest_at or i.newest_at > s.newest_at)`.execute(queries);
  }

  private wanted(extents: readonly Extent[]): RawBuilder<unknown> {
    return sql`(
      select e.chat_id, (e.seq / ${sql.lit(SEGMENT_ENTRIES)})::integer as segment, e.oldest_at, e.newest_at
      from unnest(
        ${uuidArray(extents.map(({ chatId }) => chatId))}::uuid[],
        ${int8Array(extents.map(({ seq }) => seq))}::bigint[],
        ${timestamptzArray(extents.map(({ oldestAt }) => oldestAt))}::timestamptz[],
        ${timestamptzArray(extents.map(({ newestAt }) => newestAt))}::timestamptz[]
      ) as e (chat_id, seq, oldest_at, newest_at)
    ) i`;
  }
}
