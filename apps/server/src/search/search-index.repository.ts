import type { ChatId, MessageKind, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import {
  int8Array,
  textArray,
  timestamptzArray,
  tsvectorArray,
  uuidArray,
} from '../database/binary-arrays.js';
import type { Queries } from '../database/database.js';
import type { MessageKey } from '../streams/message-view.js';

/** Entries of a chat's stream whose tokens begin with the same id. The rows say it as well: it is never changed. */
export const SEGMENT_ENTRIES = 4096;

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

export interface IndexedMessage {
  readonly chat_id: ChatId;
  readonly seq: number;
  readonly kind: MessageKind;
  readonly sender_id: UserId;
  /** Null where there is nothing to find: it is encrypted, of the system, or deleted. */
  readonly text: string | null;
  readonly created_at: Date;
  readonly edited_at: Date | null;
  readonly expires_at: Date | null;
}

/** A chat that an older version indexed. */
export interface OutdatedChat {
  readonly chat_id: ChatId;
  readonly indexed_seq: number;
  readonly reindexed_seq: number;
}

const COLUMNS = sql`m.chat_id, m.seq, m.kind, m.sender_id, m.text, m.created_at, m.edited_at,
  m.expires_at`;

function keysOf(messages: readonly { chat_id: ChatId; seq: number }[]): RawBuilder<unknown> {
  const chatIds = messages.map((message) => message.chat_id);
  const seqs = messages.map((message) => message.seq);
  return sql`${uuidArray(chatIds)}::uuid[], ${int8Array(seqs)}::bigint[]`;
}

function timesOf(messages: readonly IndexedMessage[]): RawBuilder<unknown> {
  return sql`${timestamptzArray(messages.map((message) => message.created_at))}::timestamptz[]`;
}

/** Where the index stands, and what is written to it. Whoever writes has claimed the chat's position. */
@Injectable()
export class SearchIndexRepository {
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
      insert into search_positions (chat_id, tokens_version)
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

  /** The messages of the ranges, and those that were edited or deleted there; some may come twice. */
  async changedIn(queries: Queries, ranges: readonly EntryRange[]): Promise<IndexedMessage[]> {
    const { rows } = await sql<IndexedMessage>`
      select changed.* from unnest(
        ${ranges.map(({ chatId }) => chatId)}::uuid[], ${ranges.map(({ after }) => after)}::bigint[],
        ${ranges.map(({ upTo }) => upTo)}::bigint[]
      ) as i (chat_id, after, up_to)
      cross join lateral (
        select ${COLUMNS} from messages m
        where m.chat_id = i.chat_id and m.seq > i.after and m.seq <= i.up_to
        union all
        select ${COLUMNS} from changes x
        join messages m on m.chat_id = x.chat_id and m.seq = x.message_seq
        where x.chat_id = i.chat_id and x.seq > i.after and x.seq <= i.up_to
          and x.event in ('messageEdited', 'messageDeleted')
      ) changed`.execute(queries);
    return rows;
  }

  /** The messages of one range, ascending. */
  async messagesIn(queries: Queries, range: EntryRange, limit: number): Promise<IndexedMessage[]> {
    const { rows } = await sql<IndexedMessage>`
      select ${COLUMNS} from messages m
      where m.chat_id = ${range.chatId} and m.seq > ${range.after} and m.seq <= ${range.upTo}
      order by m.seq limit ${limit}`.execute(queries);
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

  /**
   * Writes the tokens of messages, each of which comes once, in place of those that they had.
   *
   * @param prefixOf What the tokens of a message begin with, as `prefixes` answers it.
   */
  async write(
    queries: Queries,
    entries: readonly { readonly message: IndexedMessage; readonly tokens: readonly string[] }[],
    prefixOf: (message: IndexedMessage) => string,
  ): Promise<void> {
    const messages = entries.map(({ message }) => message);
    const tokens = entries.map((entry) => ({
      prefix: prefixOf(entry.message),
      rests: entry.tokens,
    }));
    await sql`
      insert into search_tokens (chat_id, seq, sender_id, kind, created_at, edited_at, tokens)
      select * from unnest(
        ${keysOf(messages)}, ${uuidArray(messages.map((message) => message.sender_id))}::uuid[],
        ${textArray(messages.map(({ kind }) => kind))}::text[], ${timesOf(messages)},
        ${timestamptzArray(messages.map((message) => message.edited_at ?? undefined))}::timestamptz[],
        ${tsvectorArray(tokens)}::tsvector[]
      )
      on conflict (chat_id, seq) do update set edited_at = excluded.edited_at, tokens = excluded.tokens`.execute(
      queries,
    );
  }

  /** What the tokens of the messages begin with: the ids of their segments, which are made where they are not there. */
  async prefixes(
    queries: Queries,
    messages: readonly IndexedMessage[],
  ): Promise<(message: IndexedMessage) => string> {
    await this.extendSegments(queries, messages);
    const { rows } = await sql<{ key: string; id: string }>`
      select s.chat_id || ':' || s.segment as key, s.id::text
      from (
        select distinct i.chat_id, (i.seq / ${sql.lit(SEGMENT_ENTRIES)})::integer as segment
        from unnest(${keysOf(messages)}) as i (chat_id, seq)
      ) i
      join search_segments s on s.chat_id = i.chat_id and s.segment = i.segment`.execute(queries);
    const ids = new Map(rows.map(({ key, id }) => [key, id]));
    return ({ chat_id: chatId, seq }) => {
      const id = ids.get(`${chatId}:${Math.floor(seq / SEGMENT_ENTRIES)}`);
      if (id === undefined) throw new Error(`Unable to find a segment of the chat ${chatId}`);
      return `${id}:`;
    };
  }

  /** Takes what was written into the lists of its tokens; until then every search reads through it. */
  async settle(queries: Queries): Promise<void> {
    await sql`select gin_clean_pending_list('search_tokens_tokens')`.execute(queries);
  }

  async erase(queries: Queries, messages: readonly IndexedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await sql`
      delete from search_tokens t using unnest(${keysOf(messages)}) as i (chat_id, seq)
      where t.chat_id = i.chat_id and t.seq = i.seq`.execute(queries);
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
      select chat_id, indexed_seq, reindexed_seq from search_positions where tokens_version < ${version}
      order by tokens_version, chat_id limit 1 for update skip locked`.execute(queries);
    return rows[0];
  }

  async hasOutdated(queries: Queries, version: number): Promise<boolean> {
    const { rows } = await sql`
      select from search_positions where tokens_version < ${version} limit 1`.execute(queries);
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
      .set({ reindexed_seq: 0, tokens_version: version })
      .where('chat_id', '=', chatId)
      .execute();
  }

  private async extendSegments(
    queries: Queries,
    messages: readonly IndexedMessage[],
  ): Promise<void> {
    const extents = sql`(
      select i.chat_id, (i.seq / ${sql.lit(SEGMENT_ENTRIES)})::integer as segment,
        min(i.created_at) as oldest_at, max(i.created_at) as newest_at
      from unnest(${keysOf(messages)}, ${timesOf(messages)}) as i (chat_id, seq, created_at)
      group by 1, 2
    ) i`;
    // An upsert would use up an id for every segment that is there.
    await sql`
      insert into search_segments (chat_id, segment, oldest_at, newest_at)
      select * from ${extents}
      where not exists (select from search_segments s where s.chat_id = i.chat_id and s.segment = i.segment)
      on conflict do nothing`.execute(queries);
    await sql`
      update search_segments s
      set oldest_at = least(s.oldest_at, i.oldest_at), newest_at = greatest(s.newest_at, i.newest_at)
      from ${extents}
      where s.chat_id = i.chat_id and s.segment = i.segment
        and (i.oldest_at < s.oldest_at or i.newest_at > s.newest_at)`.execute(queries);
  }
}
