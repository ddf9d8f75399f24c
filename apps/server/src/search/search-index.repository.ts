import type { ChatId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import {
  int8Array,
  type Lexemes,
  timestamptzArray,
  tsvectorArray,
  uuidArray,
} from '../database/binary-arrays.js';
import type { Queries } from '../database/database.js';
import type { MessageKey } from '../streams/message-view.js';
import { type Extent, SearchSegmentsRepository } from './search-segments.repository.js';
import { type IndexedMessage, type Span, SPAN_ENTRIES } from './spans.js';

/** How far the index of a chat has got. */
export interface IndexPosition {
  readonly chat_id: ChatId;
  readonly indexed_seq: number;
  /** The head of the chat's stream. */
  readonly last_seq: number;
}

/** Entries above `after`, up to `upTo`. */
export interface EntryRange {
  readonly chatId: ChatId;
  readonly after: number;
  readonly upTo: number;
}

/** A chat that an older version indexed. */
export interface OutdatedChat {
  readonly chat_id: ChatId;
  readonly indexed_seq: number;
  readonly reindexed_seq: number;
}

function keysOf(messages: readonly { chat_id: ChatId; seq: number }[]): RawBuilder<unknown> {
  const chatIds = messages.map((message) => message.chat_id);
  const seqs = messages.map((message) => message.seq);
  return sql`${uuidArray(chatIds)}::uuid[], ${int8Array(seqs)}::bigint[]`;
}

function boundsOf(ranges: readonly EntryRange[]): RawBuilder<unknown> {
  return sql`
    ${uuidArray(ranges.map(({ chatId }) => chatId))}::uuid[],
    ${int8Array(ranges.map(({ after }) => after))}::bigint[],
    ${int8Array(ranges.map(({ upTo }) => upTo))}::bigint[]`;
}

/** A span, whose tokens begin with the id of its segment. */
export interface PrefixedSpan {
  readonly extent: Extent;
  readonly tokens: Lexemes;
}

function extentOf({ messages }: Span): Extent {
  const [first] = messages;
  if (!first) throw new Error('Unable to index a span without messages');
  const times = messages.map((message) => message.created_at.getTime());
  return {
    chatId: first.chat_id,
    seq: first.seq,
    lastSeq: messages.at(-1)?.seq ?? first.seq,
    oldestAt: new Date(Math.min(...times)),
    newestAt: new Date(Math.max(...times)),
  };
}

/** Where the index stands, and what is written to it. Whoever writes has claimed the chat's position. */
@Injectable()
export class SearchIndexRepository {
  constructor(private readonly segments: SearchSegmentsRepository) {}

  /** Chats with ids above `after` that have entries which are not indexed. Its cost follows the number of all chats. */
  async behind(queries: Queries, after: ChatId | undefined, limit: number): Promise<ChatId[]> {
    const { rows } = await sql<{ id: ChatId }>`
      select c.id from chats c left join search_positions p on p.chat_id = c.id
      where c.last_seq > coalesce(p.indexed_seq, 0) and ${after === undefined ? sql`true` : sql`c.id > ${after}`}
      order by c.id limit ${limit}`.execute(queries);
    return rows.map((row) => row.id);
  }

  /** Those of the chats that have entries which are not indexed. */
  async behindAmong(queries: Queries, chatIds: readonly ChatId[]): Promise<ChatId[]> {
    const { rows } = await sql<{ id: ChatId }>`
      select c.id from chats c left join search_positions p on p.chat_id = c.id
      where c.id = any (${[...chatIds]}::uuid[]) and c.last_seq > coalesce(p.indexed_seq, 0)`.execute(
      queries,
    );
    return rows.map((row) => row.id);
  }

  /** Locks the positions of those of the chats that are behind, but for those that another node has. */
  async claim(
    queries: Queries,
    chatIds: readonly ChatId[],
    version: number,
  ): Promise<IndexPosition[]> {
    await sql`
      insert into search_positions (chat_id, index_version)
      select i.id, ${version} from unnest(${[...chatIds]}::uuid[]) as i (id)
      where not exists (select from search_positions p where p.chat_id = i.id)
      order by i.id
      on conflict do nothing`.execute(queries);
    const { rows } = await sql<IndexPosition>`
      select p.chat_id, p.indexed_seq, c.last_seq
      from search_positions p join chats c on c.id = p.chat_id
      where p.chat_id = any (${[...chatIds]}::uuid[]) and c.last_seq > p.indexed_seq
      order by p.chat_id for update of p skip locked`.execute(queries);
    return rows;
  }

  /** Messages before the ranges that were edited or deleted in them. */
  async changedBefore(
    queries: Queries,
    ranges: readonly EntryRange[],
  ): Promise<{ chat_id: ChatId; seq: number }[]> {
    const { rows } = await sql<{ chat_id: ChatId; seq: number }>`
      select distinct x.chat_id, x.message_seq as seq
      from unnest(${boundsOf(ranges)}) as i (chat_id, after, up_to)
      join changes x on x.chat_id = i.chat_id and x.seq > i.after and x.seq <= i.up_to
      where x.event in ('messageEdited', 'messageDeleted') and x.message_seq <= i.after`.execute(
      queries,
    );
    return rows;
  }

  /** The spans that the messages are indexed in, each once; for a message that is in none, the range of it alone. */
  async spansAround(
    queries: Queries,
    messages: readonly { chat_id: ChatId; seq: number }[],
  ): Promise<EntryRange[]> {
    if (messages.length === 0) return [];
    const { rows } = await sql<{ chat_id: ChatId; first: number; last: number }>`
      select distinct i.chat_id, coalesce(t.seq, i.seq) as first, coalesce(t.last_seq, i.seq) as last
      from unnest(${keysOf(messages)}) as i (chat_id, seq)
      left join lateral (
        select t.seq, greatest(t.seq, t.last_seq) as last_seq from search_tokens t
        where t.chat_id = i.chat_id and t.seq <= i.seq and t.seq > i.seq - ${sql.lit(SPAN_ENTRIES)}
        order by t.seq desc limit 1
      ) t on t.last_seq >= i.seq`.execute(queries);
    return rows.map((row) => ({ chatId: row.chat_id, after: row.first - 1, upTo: row.last }));
  }

  /** The messages of the ranges, ascending in each. */
  async messagesIn(queries: Queries, ranges: readonly EntryRange[]): Promise<IndexedMessage[]> {
    if (ranges.length === 0) return [];
    const { rows } = await sql<IndexedMessage>`
      select i.number::integer as "rangeNumber", m.chat_id, m.seq, m.text, m.created_at, m.expires_at
      from unnest(${boundsOf(ranges)}) with ordinality as i (chat_id, after, up_to, number)
      cross join lateral (
        select * from messages m
        where m.chat_id = i.chat_id and m.seq > i.after and m.seq <= i.up_to
        order by m.seq offset 0
      ) m
      order by i.number, m.seq`.execute(queries);
    return rows;
  }

  /**
   * Locks the messages until the end of the transaction, so that nobody takes from them what they hold. Those whose time
   * is over are left out, and left to whoever purges them.
   */
  async holdTimed(
    queries: Queries,
    messages: readonly IndexedMessage[],
  ): Promise<{ chat_id: ChatId; seq: number }[]> {
    if (messages.length === 0) return [];
    const { rows } = await sql<{ chat_id: ChatId; seq: number }>`
      select m.chat_id, m.seq from messages m
      join unnest(${keysOf(messages)}) as i (chat_id, seq) on m.chat_id = i.chat_id and m.seq = i.seq
      where m.expires_at > clock_timestamp() and not m.purged
      order by m.chat_id, m.seq for share of m`.execute(queries);
    return rows;
  }

  /** Takes out of the index what it has of the ranges. What another transaction holds there it takes out itself. */
  async erase(queries: Queries, ranges: readonly EntryRange[]): Promise<void> {
    await sql`
      with held as materialized (
        select t.chat_id, t.seq
        from unnest(${boundsOf(ranges)}) as i (chat_id, after, up_to)
        join search_tokens t on t.chat_id = i.chat_id and t.seq > i.after and t.seq <= i.up_to
        order by t.chat_id, t.seq for update of t skip locked
      )
      delete from search_tokens t using held where t.chat_id = held.chat_id and t.seq = held.seq`.execute(
      queries,
    );
  }

  /** The spans with the ids of their segments, which are made where they are not there. */
  async withPrefixes(queries: Queries, spans: readonly Span[]): Promise<PrefixedSpan[]> {
    const placed = spans.map((span) => ({ extent: extentOf(span), rests: span.tokens }));
    const prefixOf = await this.segments.prefixes(
      queries,
      placed.map(({ extent }) => extent),
    );
    return placed.map(({ extent, rests }) => ({
      extent,
      tokens: { prefix: prefixOf(extent), rests },
    }));
  }

  /** Writes the tokens of spans, nothing of which is indexed. */
  async write(queries: Queries, spans: readonly PrefixedSpan[]): Promise<void> {
    const extents = spans.map(({ extent }) => extent);
    await sql`
      insert into search_tokens (chat_id, seq, last_seq, created_at, newest_at, tokens)
      select * from unnest(
        ${uuidArray(extents.map(({ chatId }) => chatId))}::uuid[],
        ${int8Array(extents.map(({ seq }) => seq))}::bigint[],
        ${int8Array(extents.map(({ lastSeq }) => lastSeq))}::bigint[],
        ${timestamptzArray(extents.map(({ oldestAt }) => oldestAt))}::timestamptz[],
        ${timestamptzArray(extents.map(({ newestAt }) => newestAt))}::timestamptz[],
        ${tsvectorArray(spans.map(({ tokens }) => tokens))}::tsvector[]
      )`.execute(queries);
  }

  /** Takes what was written into the lists of its tokens; until then every search reads through it. */
  async settle(queries: Queries): Promise<void> {
    await sql`select gin_clean_pending_list('search_tokens_tokens')`.execute(queries);
  }

  async moveTo(queries: Queries, positions: readonly MessageKey[]): Promise<void> {
    await sql`
      update search_positions p set indexed_seq = i.seq
      from unnest(
        ${positions.map(([chatId]) => chatId)}::uuid[], ${positions.map(([, seq]) => seq)}::bigint[]
      ) as i (chat_id, seq)
      where p.chat_id = i.chat_id`.execute(queries);
  }

  /** Locks one chat that an older version indexed and that no other node has. */
  async claimOutdated(queries: Queries, version: number): Promise<OutdatedChat | undefined> {
    const { rows } = await sql<OutdatedChat>`
      select chat_id, indexed_seq, reindexed_seq from search_positions where index_version < ${version}
      order by index_version, chat_id limit 1 for update skip locked`.execute(queries);
    return rows[0];
  }

  async hasOutdated(queries: Queries, version: number): Promise<boolean> {
    const { rows } = await sql`
      select from search_positions where index_version < ${version} limit 1`.execute(queries);
    return rows.length > 0;
  }

  /** Notes how far a chat is indexed again. */
  async setReindexed(queries: Queries, chatId: ChatId, seq: number): Promise<void> {
    await queries
      .updateTable('search_positions')
      .set({ reindexed_seq: seq })
      .where('chat_id', '=', chatId)
      .execute();
  }

  /** Notes that all of a chat is indexed by this version. */
  async endReindexing(queries: Queries, chatId: ChatId, version: number): Promise<void> {
    await queries
      .updateTable('search_positions')
      .set({ reindexed_seq: 0, index_version: version })
      .where('chat_id', '=', chatId)
      .execute();
  }
}
