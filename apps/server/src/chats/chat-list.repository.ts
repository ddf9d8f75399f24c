import type { ChatFilter, ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database } from '../database/database.js';
import { isSimilar } from '../names/similarity.js';
import { type ChatRow, markedUnread, unreadCount } from './chats.repository.js';

/** A chat's place in a list: by `rank`, then pinned ones, then by activity, then by id. */
export interface ListPlace {
  readonly id: ChatId;
  /** How well its name fits the query, 0 the best; always 0 without a query. */
  readonly rank: number;
  /** Never in a list by query, which has no pinned ones. */
  readonly isPinned: boolean;
  readonly lastActivityAt: string;
}

/** From where a run of pages goes on. */
export interface ListStart {
  readonly after: ListPlace;
  /** Where the reader's own stream stood when the run began. */
  readonly userSeq: number;
}

export interface ListPage {
  readonly places: ListPlace[];
  /** Where the reader's own stream stood when this page was read. */
  readonly userSeq: number;
}

export interface ListRequest {
  readonly query: string | undefined;
  readonly start: ListStart | undefined;
  readonly limit: number;
}

export type OwnFilter = Exclude<ChatFilter, 'public'>;

interface PlaceRow {
  id: ChatId;
  rank: number;
  is_pinned: boolean;
  last_activity_at: Date;
  user_seq: number;
}

/** Of `chats c`, `marks k` and the reader's `preferences p`, who may have none. */
const conditions: Readonly<Record<OwnFilter, RawBuilder<boolean>>> = {
  all: sql`p.archived_at is null`,
  unread: sql`p.archived_at is null and (${markedUnread} or ${unreadCount} > 0)`,
  direct: sql`p.archived_at is null and c.type = 'direct'`,
  group: sql`p.archived_at is null and c.type = 'group'`,
  archived: sql`p.archived_at is not null`,
};

/**
 * How well a chat with these names fits a query: 0 where one is it, 1 where one begins with it, 2 where all its words
 * are somewhere in them, 3 where they are similar; null where it does not fit. No pattern is involved, so every character
 * stands for itself.
 */
function rankOf(names: RawBuilder<unknown>, query: string | undefined): RawBuilder<number | null> {
  if (query === undefined) return sql`0`;
  const words = query.split(/\s+/u);
  return sql`(
    select case
      when bool_or(lower(name) = lower(${query}::text)) then 0
      when bool_or(starts_with(lower(name), lower(${query}::text))) then 1
      when (
        select bool_and(strpos(lower(concat_ws(' ', ${names})), lower(word)) > 0) from unnest(${words}::text[]) word
      ) then 2
      when ${isSimilar(sql`concat_ws(' ', ${names})`, query)} then 3
    end
    from unnest(array[${names}]) name
  )`;
}

/** The order of every list, of a place `v`, and what comes after a place in it. */
const order = sql`v.rank, v.is_pinned desc, v.last_activity_at desc, v.id desc`;

function comesAfter(start: ListStart | undefined): RawBuilder<boolean> {
  if (!start) return sql`true`;
  const { rank, isPinned, lastActivityAt, id } = start.after;
  return sql`v.rank >= ${rank}::integer and (
    v.rank > ${rank}::integer or (v.is_pinned, v.last_activity_at, v.id)
      < (${isPinned}::boolean, ${lastActivityAt}::timestamptz, ${id}::uuid)
  )`;
}

function toPage(rows: readonly PlaceRow[]): ListPage {
  return {
    places: rows.map((row) => ({
      id: row.id,
      rank: row.rank,
      isPinned: row.is_pinned,
      lastActivityAt: row.last_activity_at.toISOString(),
    })),
    userSeq: rows[0]?.user_seq ?? 0,
  };
}

/**
 * Which chats a page has, and in which order. What is in a page, `ChatsRepository` reads.
 *
 * A run of pages goes down the order, and a chat that moves up is above it and does not come again. Two things move a
 * chat down, where it would come twice: that it is unpinned, and that it is left and joined again, which ends its
 * pinning as well. Both are events of the reader's own stream, so a run leaves out the chats that have such an event
 * after its start. Comparing `userSeq`, which the first page reads in the same snapshot as the list, is exact where
 * clocks are not. All other chats keep their order, and so none of them is left out.
 *
 * In a list by query a rename in the middle of a run moves a chat between ranks, so that it may come twice or not at all.
 */
@Injectable()
export class ChatListRepository {
  constructor(private readonly database: Database) {}

  /** A page of the reader's own chats. Its cost follows the number of his chats, and of no others. */
  async own(reader: UserId, filter: OwnFilter, request: ListRequest): Promise<ListPage> {
    const { query, start, limit } = request;
    const names = sql`c.title, u.username, u.display_name`;
    const other = sql`case when c.direct_low = ${reader} then c.direct_high else c.direct_low end`;
    const isPinned = query === undefined ? sql`p.pinned_at is not null` : sql`false`;
    // The offset keeps the planner from joining the reader's chats by reading through all there are.
    const { rows } = await sql<PlaceRow>`
      select
        v.id, v.rank, v.is_pinned, v.last_activity_at,
        (select s.last_seq from user_streams s where s.user_id = ${reader}) as user_seq
      from members m
      cross join lateral (
        select
          c.id, c.last_activity_at, ${isPinned} as is_pinned, ${rankOf(names, query)} as rank
        from chats c
        join marks k on k.chat_id = c.id and k.user_id = m.user_id
        left join preferences p on p.chat_id = c.id and p.user_id = m.user_id
        ${query === undefined ? sql`` : sql`left join users u on u.id = ${other}`}
        where c.id = m.chat_id and ${conditions[filter]}
        offset 0
      ) v
      where m.user_id = ${reader} and v.rank is not null and ${comesAfter(start)}
        and ${query === undefined && start ? this.didNotMoveDown(reader, start.userSeq) : sql`true`}
      order by ${order}
      limit ${limit}`.execute(this.database);
    return toPage(rows);
  }

  /**
   * A page of the directory of public groups. Its cost follows their number: an index by activity would spare that, and
   * would make every send of every chat write to it.
   */
  async directory({ query, start, limit }: ListRequest): Promise<ListPage> {
    const { rows } = await sql<PlaceRow>`
      select v.id, v.rank, v.is_pinned, v.last_activity_at, 0 as user_seq
      from (
        select c.id, c.last_activity_at, false as is_pinned, ${rankOf(sql`c.title`, query)} as rank
        from chats c
        where c.visibility = 'public' and c.type = 'group'
        offset 0
      ) v
      where v.rank is not null and ${comesAfter(start)}
      order by ${order}
      limit ${limit}`.execute(this.database);
    return toPage(rows);
  }

  /** Those of the chats that are public groups, in no order. */
  async publicGroups(chatIds: readonly ChatId[]): Promise<ChatRow[]> {
    if (chatIds.length === 0) return [];
    return this.database
      .selectFrom('chats')
      .selectAll()
      .where('id', 'in', [...chatIds])
      .where('visibility', '=', 'public')
      .execute();
  }

  private didNotMoveDown(reader: UserId, userSeq: number): RawBuilder<boolean> {
    return sql`m.chat_id <> all (array(
      select e.chat_id from user_events e
      where e.user_id = ${reader} and e.user_seq > ${userSeq} and e.chat_id is not null
        and (e.event = 'chatAdded' or e.event = 'chatPreferencesChanged' and e.details ? 'unpinned')
    ))`;
  }
}
