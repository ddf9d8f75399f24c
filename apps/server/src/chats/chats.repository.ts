import {
  type ChatId,
  type MemberRole,
  type MessageId,
  pageLimits,
  shownLimits,
  type UserId,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { ChatsTable } from '../database/schema.js';
import type { MessageRow } from '../streams/message-row.js';
import { isMember } from '../streams/lookups.js';
import { messageColumns, messageJoins, visibleTo } from '../streams/message-view.js';
import { PAST_HEAD, windowsDown } from '../streams/seq-windows.js';
import { memberColumns, memberJoins, type MemberRow, membersFrom } from './member-rows.js';

export type ChatRow = Selectable<ChatsTable>;

export interface OwnMembershipRow {
  role: MemberRole;
  joined_at: Date;
  delivered_seq: number;
  seen_seq: number;
  unread: number;
  marked_unread: boolean;
  /** In the future, or null. */
  muted_until: Date | null;
  pinned_at: Date | null;
  archived_at: Date | null;
  draft_text: string | null;
  draft_reply_to_id: MessageId | null;
}

/** Who reads of a member. */
export interface MemberReader {
  readonly id: UserId;
  /** Whether he lets others know what he has seen. Without that he does not know it of them (RCPT-1). */
  readonly showsSeen: boolean;
}

/** A chat with all that its wire form shows to one reader. */
export interface ChatView {
  readonly chat: ChatRow;
  readonly reader: MemberReader;
  readonly me: OwnMembershipRow;
  readonly participants: readonly MemberRow[];
  readonly lastMessage: MessageRow | undefined;
}

/**
 * How many messages of others a member has not seen: a difference of ordinals, without what he cannot see any more
 * (CHAT-4). Of `chats c`, `marks k` and the member's `preferences p`, who may have none. Exact up to 1,000.
 */
export const unreadCount = sql<number>`case
  when c.last_ordinal > greatest(k.seen_ordinal, p.cleared_ordinal) then least(
    c.last_ordinal - greatest(k.seen_ordinal, p.cleared_ordinal)
    - (
      select count(*) from messages x
      where x.chat_id = c.id and x.seq > greatest(k.seen_seq, p.cleared_seq) and x.deleted_at is not null
    ) - (
      select count(*) from messages x
      where x.chat_id = c.id and x.seq > greatest(k.seen_seq, p.cleared_seq) and x.deleted_at is null
        and x.expires_at <= clock_timestamp()
    ) - (
      select count(*) from hidden h join messages x on x.chat_id = h.chat_id and x.seq = h.seq
      where h.user_id = k.user_id and h.chat_id = c.id and h.seq > greatest(k.seen_seq, p.cleared_seq)
        and x.deleted_at is null and x.kind <> 'system'
        and (x.expires_at is null or x.expires_at > clock_timestamp())
    ),
    ${sql.lit(shownLimits.unreadCount)}
  )::integer
  else 0
end`;

/** Whether a member has marked the chat unread since his seen mark moved last. */
export const markedUnread = sql<boolean>`coalesce(p.marked_unread_at_seq >= k.seen_seq, false)`;

/** Messages of a chat with `seq` between two, neither included. */
interface SeqRange {
  readonly chatId: ChatId;
  readonly above: number;
  readonly below: number;
}

@Injectable()
export class ChatsRepository {
  constructor(private readonly database: Database) {}

  /** The chats among `chatIds` of which the reader is a member, in no order. */
  async readOwn(reader: UserId, chatIds: readonly ChatId[]): Promise<ChatView[]> {
    if (chatIds.length === 0) return [];
    // First the rows with `lastSeq`: content that is newer harms nobody, but content that is older would be missed.
    const rows = await this.ownChats(reader, chatIds);
    if (rows.length === 0) return [];
    const ownIds = rows.map((row) => row.id);
    const [participants, lastMessages] = await Promise.all([
      this.firstMembers(ownIds),
      this.lastMessages(reader, rows),
    ]);
    const lastMessageOf = new Map(lastMessages.map((message) => [message.chat_id, message]));
    const participantsOf = Map.groupBy(participants, (member) => member.chat_id);
    return rows.map((row) => ({
      chat: row,
      reader: { id: reader, showsSeen: row.shows_seen },
      me: row,
      participants: participantsOf.get(row.id) ?? [],
      lastMessage: lastMessageOf.get(row.id),
    }));
  }

  /** A public group as everybody may see it. */
  findPublic(chatId: ChatId): Promise<ChatRow | undefined> {
    return this.database
      .selectFrom('chats')
      .selectAll()
      .where('id', '=', chatId)
      .where('visibility', '=', 'public')
      .executeTakeFirst();
  }

  findDirect(queries: Queries, low: UserId, high: UserId): Promise<{ id: ChatId } | undefined> {
    return queries
      .selectFrom('chats')
      .select('id')
      .where('type', '=', 'direct')
      .where('direct_low', '=', low)
      .where('direct_high', '=', high)
      .executeTakeFirst();
  }

  findByClientId(
    queries: Queries,
    creator: UserId,
    clientChatId: ChatId,
  ): Promise<{ id: ChatId } | undefined> {
    return queries
      .selectFrom('chats')
      .select('id')
      .where('created_by', '=', creator)
      .where('client_chat_id', '=', clientChatId)
      .executeTakeFirst();
  }

  async insert(
    queries: Queries,
    chat: Pick<ChatRow, 'id' | 'type' | 'created_by' | 'member_count'> & Partial<ChatRow>,
  ): Promise<void> {
    await queries
      .insertInto('chats')
      .values({
        title: null,
        description: null,
        client_chat_id: null,
        invite_hash: null,
        deleted_at: null,
        direct_low: null,
        direct_high: null,
        message_ttl_ms: null,
        ...chat,
      })
      .execute();
  }

  private ownChats(reader: UserId, chatIds: readonly ChatId[]) {
    return this.database
      .selectFrom('members as m')
      .innerJoin('chats as c', 'c.id', 'm.chat_id')
      .innerJoin('marks as k', (join) =>
        join.onRef('k.chat_id', '=', 'm.chat_id').onRef('k.user_id', '=', 'm.user_id'),
      )
      .innerJoin('users as u', 'u.id', 'm.user_id')
      .leftJoin('preferences as p', (join) =>
        join.onRef('p.chat_id', '=', 'm.chat_id').onRef('p.user_id', '=', 'm.user_id'),
      )
      .selectAll('c')
      .select(['m.role', 'm.joined_at', 'k.delivered_seq', 'k.seen_seq'])
      .select([
        'p.pinned_at',
        'p.archived_at',
        'p.draft_text',
        'p.draft_reply_to_id',
        'p.cleared_seq',
      ])
      .select('u.seen_privacy as shows_seen')
      .select(
        sql<Date | null>`case when p.muted_until > now() then p.muted_until end`.as('muted_until'),
      )
      .select(markedUnread.as('marked_unread'))
      .select(unreadCount.as('unread'))
      .where('m.user_id', '=', reader)
      .where('m.chat_id', 'in', [...chatIds])
      .execute();
  }

  private async firstMembers(chatIds: readonly ChatId[]): Promise<MemberRow[]> {
    const { rows } = await sql<MemberRow>`
      select ${memberColumns}
      from unnest(${[...chatIds]}::uuid[]) as ids (chat_id)
      cross join lateral ${membersFrom(sql`ids.chat_id`, undefined, pageLimits.participants)} m
      ${memberJoins}
      order by m.joined_seq, m.user_id`.execute(this.database);
    return rows;
  }

  /** The newest message of each chat that the reader can see; what he has cleared is not even walked through. */
  private async lastMessages(
    reader: UserId,
    chats: readonly { id: ChatId; last_seq: number; cleared_seq: number | null }[],
  ): Promise<MessageRow[]> {
    const found: MessageRow[] = [];
    let open = chats.map((chat) => ({
      chatId: chat.id,
      clearedSeq: chat.cleared_seq ?? 0,
      windows: windowsDown(PAST_HEAD, chat.last_seq, 1),
    }));
    for (;;) {
      const ranges = open.flatMap(({ chatId, clearedSeq, windows }) => {
        const { value: window } = windows.next();
        if (!window || window.below <= clearedSeq + 1) return [];
        return [{ chatId, above: Math.max(window.above, clearedSeq), below: window.below }];
      });
      if (ranges.length === 0) return found;
      const newest = await this.newestWithin(reader, ranges);
      found.push(...newest);
      const left = new Set(ranges.map(({ chatId }) => chatId));
      for (const message of newest) left.delete(message.chat_id);
      open = open.filter(({ chatId }) => left.has(chatId));
    }
  }

  /**
   * The newest message of each of these parts of chats that the reader can see. PostgreSQL takes a range with
   * two ends for a small part of its chat, also where it plans before it knows the ends.
   */
  private async newestWithin(reader: UserId, ranges: readonly SeqRange[]): Promise<MessageRow[]> {
    const { rows } = await sql<MessageRow>`
      select ${messageColumns(reader)}
      from unnest(
        ${ranges.map(({ chatId }) => chatId)}::uuid[], ${ranges.map(({ above }) => above)}::bigint[],
        ${ranges.map(({ below }) => below)}::bigint[]
      ) as i (chat_id, above, below)
      cross join lateral (
        select * from messages m
        where m.chat_id = i.chat_id and m.seq > i.above and m.seq < i.below
          and ${isMember(reader, sql.ref('i.chat_id'))} and ${visibleTo(reader, 'm')}
        order by m.seq desc
        limit 1
      ) m
      ${messageJoins}`.execute(this.database);
    return rows;
  }
}
