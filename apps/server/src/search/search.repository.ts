import type { ChatId, SearchMessagesQuery, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database/database.js';
import { isMember, joinRow } from '../streams/lookups.js';
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

/** Messages of one chat, of which some have the tokens. */
export interface FoundSpan {
  readonly segment: string;
  readonly chat_id: ChatId;
  readonly seq: number;
  readonly last_seq: number;
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

/** A `tsquery` of the lookups in one segment, which are joined by an operator. */
function queryOf(lookups: readonly Lookup[], segment: string, operator: string): string {
  return lookups
    .map(({ token, prefix }) => `${quoted(`${segment}:${token}`)}${prefix ? ':*' : ''}`)
    .join(operator);
}

@Injectable()
export class SearchRepository {
  /**
   * Reads in one snapshot: spans that are found in one statement are read in another, and may be written anew between them.
   * Every statement that takes too long comes to an end. Plans are by the indexes alone: how many messages have a token is
   * not known when a statement is planned, so any other would be a guess.
   */
  async inSnapshot(
    database: Database,
    timeoutMs: number,
    read: (queries: Queries) => Promise<void>,
  ): Promise<void> {
    const transaction = database.transaction().setIsolationLevel('repeatable read');
    await transaction.execute(async (queries) => {
      await sql`
        select set_config('statement_timeout', ${String(timeoutMs)}, true),
          set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
          set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`.execute(
        queries,
      );
      await read(queries);
    });
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
   * Spans in the segments that have the tokens, those with the newest messages first.
   *
   * @param below The last one of those that are known.
   */
  async spans(
    queries: Queries,
    { terms, since, until }: Scope,
    segments: readonly Segment[],
    after: HitPlace | undefined,
    below: FoundSpan | undefined,
    limit: number,
  ): Promise<FoundSpan[]> {
    const lookups = narrowest(terms);
    const ids = segments.map(({ id }) => id);
    const any = ids.map((id) => queryOf(lookups, id, ' & '));
    // Of lexemes of one position, that is in one message. What an older version indexed has no positions.
    const together =
      lookups.length === 1 ? sql`true` : sql`(t.last_seq = 0 or t.tokens @@ s.together::tsquery)`;
    // The offset keeps the steps apart: first the tokens, then the order.
    const { rows } = await sql<FoundSpan>`
      select s.segment, f.*
      from unnest(
        ${ids}::text[], ${any}::text[], ${ids.map((id) => queryOf(lookups, id, ' <0> '))}::text[]
      ) as s (segment, wanted, together)
      cross join lateral (
        select t.chat_id, t.seq, greatest(t.seq, t.last_seq) as last_seq,
          greatest(t.created_at, t.newest_at) as newest_at
        from search_tokens t
        where t.tokens @@ s.wanted::tsquery and ${together}
          and ${when(since, sql`greatest(t.created_at, t.newest_at) >= ${since}::timestamptz`)}
          and ${when(until, sql`t.created_at < ${until}::timestamptz`)}
          and ${when(after, sql`t.created_at <= ${after?.at}::timestamptz`)}
        offset 0
      ) f
      where ${when(
        below,
        sql`(f.newest_at, f.chat_id, f.seq)
          < (${below?.newest_at}::timestamptz, ${below?.chat_id}::uuid, ${below?.seq}::bigint)`,
      )}
      order by f.newest_at desc, f.chat_id desc, f.seq desc
      limit ${limit}`.execute(queries);
    return rows;
  }

  /**
   * The messages of the spans that have the narrowest of the tokens and that the reader can see, in no order. What has been
   * deleted or hidden since, or is of a chat that he has left, is not among them.
   */
  async candidates(
    queries: Queries,
    { reader, terms, senderId, kind, since, until }: Scope,
    spans: readonly FoundSpan[],
    after: HitPlace | undefined,
  ): Promise<Candidate[]> {
    const [lookup] = narrowest(terms);
    const { rows } = await sql<Candidate>`
      select m.chat_id, m.seq, m.created_at, m.text
      from unnest(
        ${spans.map((span) => span.chat_id)}::uuid[], ${spans.map(({ seq }) => seq)}::bigint[],
        ${spans.map(({ segment }) => `${segment}:${lookup?.token}`)}::text[]
      ) as s (chat_id, seq, lexeme)
      join search_tokens t on t.chat_id = s.chat_id and t.seq = s.seq
      cross join lateral (
        select distinct t.seq + position - 1 as seq
        from unnest(t.tokens) l cross join unnest(coalesce(l.positions, '{1}')) position
        where ${lookup?.prefix ? sql`starts_with(l.lexeme, s.lexeme)` : sql`l.lexeme = s.lexeme`}
      ) k
      ${joinRow(sql`messages m where m.chat_id = s.chat_id and m.seq = k.seq`, 'm')}
      where m.text is not null and m.deleted_at is null
        and ${when(senderId, sql`m.sender_id = ${senderId}`)} and ${when(kind, sql`m.kind = ${kind}`)}
        and ${when(since, sql`m.created_at >= ${since}::timestamptz`)}
        and ${when(until, sql`m.created_at < ${until}::timestamptz`)}
        and ${when(
          after,
          sql`(m.created_at, m.chat_id, m.seq)
            < (${after?.at}::timestamptz, ${after?.chatId}::uuid, ${after?.seq}::bigint)`,
        )}
        and ${isMember(reader, sql.ref('m.chat_id'))}
        and ${visibleTo(reader, 'm')}`.execute(queries);
    return rows;
  }
}
