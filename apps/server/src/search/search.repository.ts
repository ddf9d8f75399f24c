import type { ChatId, SearchMessagesQuery, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database/database.js';
import { visibleTo } from '../streams/message-view.js';
import { type Lookup, lookupsOf, type Term } from './tokens.js';

/** More would only narrow down what is looked at one by one in any case. */
const MOST_LOOKUPS = 16;

/** A place in the order of the hits: the newest first, then by chat and `seq`, descending. */
export interface HitPlace {
  readonly at: Date;
  readonly chatId: ChatId;
  readonly seq: number;
}

/** What a search looks through. */
export interface Scope extends Pick<SearchMessagesQuery, 'chatId' | 'senderId' | 'kind'> {
  readonly reader: UserId;
  readonly terms: readonly Term[];
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** A part of one chat's stream, with nothing in it that is newer than `newest_at`. */
export interface Segment {
  readonly id: string;
  readonly newest_at: Date;
}

/** A message that has the tokens; whether its text fits is another question. */
export interface Candidate {
  readonly chat_id: ChatId;
  readonly seq: number;
  readonly created_at: Date;
  readonly text: string;
}

function when(value: unknown, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return value === undefined ? sql`true` : condition;
}

/** The lookups that find least: whole tokens before beginnings, long ones before short ones. */
function narrowest(terms: readonly Term[]): Lookup[] {
  const unique = new Map(
    terms.flatMap(lookupsOf).map((lookup) => [`${lookup.token}:${lookup.prefix}`, lookup]),
  );
  return [...unique.values()]
    .toSorted((a, b) => Number(a.prefix) - Number(b.prefix) || b.token.length - a.token.length)
    .slice(0, MOST_LOOKUPS);
}

function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll(/['\\]/g, '$&$&')}'`;
}

@Injectable()
export class SearchRepository {
  /**
   * For the rest of the transaction: an end to every statement that takes too long, and plans by the indexes alone. How
   * many messages have a token is not known when a statement is planned, so any other plan would be a guess.
   */
  async prepare(queries: Queries, timeoutMs: number): Promise<void> {
    await sql`
      select set_config('statement_timeout', ${String(timeoutMs)}, true),
        set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`.execute(
      queries,
    );
  }

  /** The segments of the reader's chats that may hold hits, the newest first. */
  async segments(
    queries: Queries,
    { reader, chatId, since, until }: Scope,
    after: HitPlace | undefined,
  ): Promise<Segment[]> {
    const { rows } = await sql<Segment>`
      select s.id::text as id, s.newest_at
      from members r join search_segments s on s.chat_id = r.chat_id
      where r.user_id = ${reader} and ${when(chatId, sql`r.chat_id = ${chatId}`)}
        and ${when(since, sql`s.newest_at >= ${since}::timestamptz`)}
        and ${when(until, sql`s.oldest_at < ${until}::timestamptz`)}
        and ${when(after, sql`s.oldest_at <= ${after?.at}::timestamptz`)}
      order by s.newest_at desc, s.id desc`.execute(queries);
    return rows;
  }

  /**
   * Messages in the segments that have the tokens and that the reader can see as they were indexed, the newest first.
   * What has been deleted, edited or hidden since, or is of a chat that he has left, is not among them.
   */
  async candidates(
    queries: Queries,
    { reader, terms, senderId, kind, since, until }: Scope,
    segments: readonly Segment[],
    after: HitPlace | undefined,
    limit: number,
  ): Promise<Candidate[]> {
    const lookups = narrowest(terms);
    const tsqueries = segments.map(({ id }) =>
      lookups
        .map(({ token, prefix }) => `${quoted(`${id}:${token}`)}${prefix ? ':*' : ''}`)
        .join(' & '),
    );
    // The offsets keep the steps apart: first the tokens, then the order, and then as many messages as are wanted.
    const { rows } = await sql<Candidate>`
      select m.chat_id, m.seq, f.created_at, m.text
      from (
        select t.* from unnest(${tsqueries}::text[]) as s (wanted)
        cross join lateral (
          select t.chat_id, t.seq, t.created_at, t.edited_at from search_tokens t
          where t.tokens @@ s.wanted::tsquery
            and ${when(senderId, sql`t.sender_id = ${senderId}`)} and ${when(kind, sql`t.kind = ${kind}`)}
            and ${when(since, sql`t.created_at >= ${since}::timestamptz`)}
            and ${when(until, sql`t.created_at < ${until}::timestamptz`)}
            and ${when(
              after,
              sql`(t.created_at, t.chat_id, t.seq)
                < (${after?.at}::timestamptz, ${after?.chatId}::uuid, ${after?.seq}::bigint)`,
            )}
          offset 0
        ) t
        order by t.created_at desc, t.chat_id desc, t.seq desc
        offset 0
      ) f
      join messages m on m.chat_id = f.chat_id and m.seq = f.seq
      where m.text is not null and m.deleted_at is null and m.edited_at is not distinct from f.edited_at
        and exists (select from members r where r.chat_id = m.chat_id and r.user_id = ${reader})
        and ${visibleTo(reader, 'm')}
      order by f.created_at desc, f.chat_id desc, f.seq desc
      limit ${limit}`.execute(queries);
    return rows;
  }
}
