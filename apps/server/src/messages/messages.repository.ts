import type {
  ChatId,
  ClientMessageId,
  GroupSettings,
  MemberRole,
  MessageId,
  UserId,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { DatabaseClock } from '../database/database-clock.js';
import { Database, type Queries } from '../database/database.js';
import { releaseMediaOf } from '../streams/held-media.js';
import type { MessageRow } from '../streams/message-row.js';
import { isMember, joinRow } from '../streams/lookups.js';
import { messageColumns, messageJoins, visibleTo } from '../streams/message-view.js';

/** How a request names a message. */
export interface MessageReference {
  readonly messageId: MessageId;
  /** Where given, the message must be in it. */
  readonly chatId?: ChatId | undefined;
}

/** A message that the caller may see, with what he is in its chat. */
export interface SeenMessage {
  readonly message: MessageRow;
  readonly role: MemberRole;
  readonly chatType: 'direct' | 'group';
  /** Who may send in the chat. */
  readonly send: GroupSettings['send'];
  /** Of a direct chat: whether the caller blocks the other. */
  readonly isBlocking: boolean;
  /** Of a direct chat: the other, where he blocks the caller and sees nothing of what is new (BLOCK-1). */
  readonly silencedFor: UserId | undefined;
}

interface SeenRow extends MessageRow {
  role: MemberRole;
  chat_type: 'direct' | 'group';
  send_setting: GroupSettings['send'];
  is_blocking: boolean | null;
  silenced_for: UserId | null;
}

/** What an edit puts in the place of a message's content. */
export interface Content {
  readonly text: string | null;
  readonly mentions: readonly UserId[] | null;
  readonly encrypted: string | null;
}

/** What is left of a message whose time is over (MSG-7). */
function withoutExpired(row: MessageRow, now: number): MessageRow {
  if (row.expires_at === null || row.expires_at.getTime() > now) return row;
  return {
    ...row,
    text: null,
    mentions: null,
    encrypted: null,
    media: null,
    reply_to_id: null,
    reactions: null,
    pinned_at: null,
    starred: false,
  };
}

/** Everything is read with the membership in one query: who is removed meanwhile reads nothing (PRIV-1). */
@Injectable()
export class MessagesRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
  ) {}

  /** A message that the reader sees, with what he is in its chat. */
  async findSeen(
    queries: Queries,
    reader: UserId,
    { messageId, chatId }: MessageReference,
  ): Promise<SeenMessage | undefined> {
    const { rows } = await sql<SeenRow>`
      select ${messageColumns(reader)}, r.role, c.type as chat_type, c.send_setting,
        case when c.direct_low = ${reader} then c.low_blocks when c.direct_high = ${reader} then c.high_blocks end
          as is_blocking,
        case
          when c.direct_low = ${reader} and c.high_blocks then c.direct_high
          when c.direct_high = ${reader} and c.low_blocks then c.direct_low
        end as silenced_for
      from messages m ${messageJoins}
      join members r on r.chat_id = m.chat_id and r.user_id = ${reader}
      join chats c on c.id = m.chat_id
      where m.id = ${messageId} and ${chatId === undefined ? sql`true` : sql`m.chat_id = ${chatId}`}
        and ${visibleTo(reader, 'm')}`.execute(queries);
    const [row] = rows;
    return (
      row && {
        message: row,
        role: row.role,
        chatType: row.chat_type,
        send: row.send_setting,
        isBlocking: row.is_blocking ?? false,
        silencedFor: row.silenced_for ?? undefined,
      }
    );
  }

  /** Where a message is, for a member of its chat, also where he has hidden it from himself. */
  async findPlace(
    queries: Queries,
    reader: UserId,
    { messageId, chatId }: MessageReference,
  ): Promise<{ chatId: ChatId; seq: number } | undefined> {
    const row = await queries
      .selectFrom('messages as m')
      .select(['m.chat_id', 'm.seq'])
      .where('m.id', '=', messageId)
      .where(isMember(reader, sql.ref('m.chat_id')))
      .$if(chatId !== undefined, (query) => query.where('m.chat_id', '=', chatId ?? null))
      .executeTakeFirst();
    return row && { chatId: row.chat_id, seq: row.seq };
  }

  /**
   * The sender's own message, also where he has hidden it from himself: what a repeated send is answered (IDEM-1). Of an
   * expired one there is nothing left to see (MSG-7).
   */
  async findOwn(sender: UserId, chatId: ChatId, id: MessageId): Promise<MessageRow | undefined> {
    const { rows } = await sql<MessageRow>`
      select ${messageColumns(sender)}
      from messages m ${messageJoins}
      where m.chat_id = ${chatId} and m.id = ${id}
        and ${isMember(sender, chatId)}`.execute(this.database);
    return rows[0] && withoutExpired(rows[0], this.clock.now());
  }

  /**
   * The messages that the sender sent under these client ids with this fingerprint, in the order of the ids; those that
   * are missing are left out.
   */
  async findSent(
    sender: UserId,
    sends: readonly { chatId: ChatId; clientMessageId: ClientMessageId }[],
    fingerprint: Buffer,
  ): Promise<MessageRow[]> {
    const { rows } = await sql<MessageRow>`
      select ${messageColumns(sender)}
      from unnest(
        ${sends.map(({ chatId }) => chatId)}::uuid[], ${sends.map((send) => send.clientMessageId)}::uuid[]
      ) with ordinality as i (chat_id, client_id, position)
      ${joinRow(sql`messages k where k.sender_id = ${sender} and k.client_message_id = i.client_id`, 'm')}
      ${messageJoins}
      where m.chat_id = i.chat_id and m.fingerprint = ${fingerprint} and ${isMember(sender, sql.ref('m.chat_id'))}
      order by i.position`.execute(this.database);
    const now = this.clock.now();
    return rows.map((row) => withoutExpired(row, now));
  }

  async setContent(
    queries: Queries,
    { chat_id: chatId, seq }: MessageRow,
    { text, mentions, encrypted }: Content,
  ): Promise<void> {
    await queries
      .updateTable('messages')
      .set({
        text,
        mentions: mentions && [...mentions],
        encrypted,
        edited_at: sql`clock_timestamp()`,
      })
      // Nothing comes back of what expired in this moment.
      .where('purged', '=', false)
      .where('chat_id', '=', chatId)
      .where('seq', '=', seq)
      .execute();
  }

  /** Leaves of a message that it was there: everything that it held, and what hung on it, goes (MSG-3). */
  async eraseContent(queries: Queries, { chat_id: chatId, seq }: MessageRow): Promise<void> {
    await queries
      .updateTable('messages')
      .set({
        text: null,
        mentions: null,
        encrypted: null,
        reply_to_id: null,
        reply_to_seq: null,
        forwarded: false,
        edited_at: null,
        pinned_at: null,
        deleted_at: sql`clock_timestamp()`,
      })
      .where('chat_id', '=', chatId)
      .where('seq', '=', seq)
      .execute();
    for (const table of ['reactions', 'stars'] as const) {
      await queries
        .deleteFrom(table)
        .where('chat_id', '=', chatId)
        .where('seq', '=', seq)
        .execute();
    }
    await releaseMediaOf(queries, [[chatId, seq]]);
  }

  /**
   * Hides a message from one user; `false` where it is hidden from him already (MSG-4).
   *
   * @param silenced Whether because its sender is blocked (BLOCK-1).
   */
  async hide(
    queries: Queries,
    userId: UserId,
    chatId: ChatId,
    seq: number,
    silenced: boolean,
  ): Promise<boolean> {
    const { rows } = await sql`
      insert into hidden (user_id, chat_id, seq, silenced)
      select ${userId}, ${chatId}, ${seq}, ${silenced}
      where not exists (
        select from preferences p
        where p.chat_id = ${chatId} and p.user_id = ${userId} and p.cleared_seq >= ${seq}
      )
      on conflict do nothing
      returning seq`.execute(queries);
    return rows.length > 0;
  }

  /**
   * Empties up to `limit` messages whose time is over; resolves with how many there were. What is left of one is its
   * place in the stream, and what tells a repeat of its send.
   */
  async purgeExpired(limit: number): Promise<number> {
    return this.database.transaction().execute(async (queries) => {
      const { rows: due } = await sql<{ chat_id: ChatId; seq: number }>`
        select chat_id, seq from messages
        where expires_at <= now() and not purged
        order by expires_at limit ${limit} for no key update skip locked`.execute(queries);
      if (due.length === 0) return 0;
      // A statement of its own: it sees what was committed of them until they were locked.
      await sql`
        with due as (
          select * from unnest(
            ${due.map((message) => message.chat_id)}::uuid[], ${due.map(({ seq }) => seq)}::bigint[]
          ) as i (chat_id, seq)
        ), reactions_gone as (
          delete from reactions r using due where r.chat_id = due.chat_id and r.seq = due.seq
        ), stars_gone as (
          delete from stars s using due where s.chat_id = due.chat_id and s.seq = due.seq
        ), tokens_gone as (
          delete from search_tokens t using due where t.chat_id = due.chat_id and t.seq = due.seq
        )
        update messages m
        set text = null, mentions = null, encrypted = null, reply_to_id = null, reply_to_seq = null,
          pinned_at = null, purged = true
        from due where m.chat_id = due.chat_id and m.seq = due.seq`.execute(queries);
      await releaseMediaOf(
        queries,
        due.map((message) => [message.chat_id, message.seq]),
      );
      return due.length;
    });
  }

  /** Those of the mentioned users who are members, in the order of the mentions (MSG-1). */
  async knownMentions(
    queries: Queries,
    chatId: ChatId,
    mentions: readonly UserId[],
  ): Promise<UserId[]> {
    const { rows } = await sql<{ user_id: UserId }>`
      select named.user_id from unnest(${[...new Set(mentions)]}::uuid[]) with ordinality named (user_id, place)
      where ${isMember(sql.ref('named.user_id'), chatId)}
      order by named.place`.execute(queries);
    return rows.map((row) => row.user_id);
  }

  /** What a user is in those of the chats of which he is a member, and who may send there. */
  async sendingRights(
    userId: UserId,
    chatIds: readonly ChatId[],
  ): Promise<{ role: MemberRole; send: GroupSettings['send'] }[]> {
    const { rows } = await sql<{ role: MemberRole; send: GroupSettings['send'] }>`
      select r.role, c.send_setting as send
      from unnest(${[...chatIds]}::uuid[]) as i (chat_id)
      ${joinRow(sql`members m where m.chat_id = i.chat_id and m.user_id = ${userId}`, 'r')}
      join chats c on c.id = r.chat_id`.execute(this.database);
    return rows;
  }
}
