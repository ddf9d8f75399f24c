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
  readonly lastSeq: number;
  readonly oldestAt: Date;
  readonly newestAt: Date;
}

function keyOf(chatId: ChatId, segment: number): string {
  return `${chatId}:${segment}`;
}

/** Parts of chats' streams, in which a search looks one by one. */
@Injectable()
export class SearchSegmentsRepository {
  /**
   * What the tokens of the extents begin with: the ids of their segments, which are made where they are not there. Whoever
   * asks has claimed the positions of their chats.
   */
  async prefixes(
    queries: Queries,
    extents: readonly Extent[],
  ): Promise<(extent: Extent) => string> {
    const wanted = sql`(
      select e.chat_id, (e.seq / ${sql.lit(SEGMENT_ENTRIES)})::integer as segment,
        min(e.oldest_at) as oldest_at, max(e.newest_at) as newest_at
      from unnest(
        ${uuidArray(extents.map(({ chatId }) => chatId))}::uuid[],
        ${int8Array(extents.map(({ seq }) => seq))}::bigint[],
        ${timestamptzArray(extents.map(({ oldestAt }) => oldestAt))}::timestamptz[],
        ${timestamptzArray(extents.map(({ newestAt }) => newestAt))}::timestamptz[]
      ) as e (chat_id, seq, oldest_at, newest_at)
      group by 1, 2
    ) i`;
    await this.extend(queries, wanted);
    const { rows } = await sql<{ chat_id: ChatId; segment: number; id: string }>`
      select s.chat_id, s.segment, s.id::text from ${wanted}
      join search_segments s on s.chat_id = i.chat_id and s.segment = i.segment`.execute(queries);
    const ids = new Map(rows.map((row) => [keyOf(row.chat_id, row.segment), row.id]));
    return ({ chatId, seq }) => {
      const id = ids.get(keyOf(chatId, segmentOf(seq)));
      if (id === undefined) throw new Error(`Unable to find a segment of the chat ${chatId}`);
      return `${id}:`;
    };
  }

  private async extend(queries: Queries, wanted: RawBuilder<unknown>): Promise<void> {
    // An upsert would use up an id for every segment that is there.
    await sql`
      insert into search_segments (chat_id, segment, oldest_at, newest_at)
      select * from ${wanted}
      where not exists (select from search_segments s where s.chat_id = i.chat_id and s.segment = i.segment)
      on conflict do nothing`.execute(queries);
    await sql`
      update search_segments s
      set oldest_at = least(s.oldest_at, i.oldest_at), newest_at = greatest(s.newest_at, i.newest_at)
      from ${wanted}
      where s.chat_id = i.chat_id and s.segment = i.segment
        and (i.oldest_at < s.oldest_at or i.newest_at > s.newest_at)`.execute(queries);
  }
}
