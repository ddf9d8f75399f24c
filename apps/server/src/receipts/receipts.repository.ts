import { type ChatId, pageLimits, type ReceiptStatus, type UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import type { MarkMove } from '../streams/commit.js';
import { joinRow } from '../streams/lookups.js';
import type { MessageRow } from '../streams/message-row.js';

/** What a member has received and seen of a chat, as he says. */
export interface Mark {
  readonly chatId: ChatId;
  readonly userId: UserId;
  readonly deliveredSeq: number;
  readonly seenSeq: number;
}

/**
 * What became of a mark. `beyond`: it is past the chat's head. `busy`: somebody else is moving it at this moment, and
 * nothing was done.
 */
export interface MarkOutcome {
  readonly outcome: 'moved' | 'unchanged' | 'notMember' | 'beyond' | 'busy';
  readonly move: MarkMove;
}

interface OutcomeRow {
  outcome: MarkOutcome['outcome'];
  delivered_before: number;
  seen_before: number;
  delivered_seq: number;
  seen_seq: number;
  at: Date;
}

/** Whom a move concerns beside the member himself. */
export interface Audience {
  /** One of the two of a direct chat blocks the other: nobody else is told (BLOCK-1). */
  readonly isBlocked: boolean;
  readonly isSmall: boolean;
  /** Whether the member lets others know what he has seen. */
  readonly showsSeen: boolean;
  /** Members who do not, and so do not know it of others (RCPT-1). */
  readonly blind: readonly UserId[];
  /** In a larger group alone: who has a message in what is newly delivered. */
  readonly deliveredAuthors: readonly UserId[];
  /** In a larger group alone: who has a message in what is newly seen, and shows himself what he has seen. */
  readonly seenAuthors: readonly UserId[];
}

/** When a member received and saw a message; null where he did not yet, or where that is hidden from the reader. */
export interface ReceiptRow {
  user_id: UserId;
  delivered_at: Date | null;
  seen_at: Date | null;
}

/** How many entries back from a new mark authors are looked for: those of older messages see it when they open them. */
const AUTHORS_RANGE = 1000;

@Injectable()
export class ReceiptsRepository {
  constructor(private readonly database: Database) {}

  /** Moves marks in one transaction; the outcomes are in their order. Each member's marks of a chat come once. */
  async move(marks: readonly Mark[]): Promise<MarkOutcome[]> {
    const { rows } = await sql<OutcomeRow>`
      select * from move_marks(
        ${marks.map((mark) => mark.chatId)}::uuid[], ${marks.map((mark) => mark.userId)}::uuid[],
        ${marks.map((mark) => mark.deliveredSeq)}::bigint[], ${marks.map((mark) => mark.seenSeq)}::bigint[]
      )`.execute(this.database);
    return marks.map(({ chatId, userId }, index) => {
      const row = rows[index];
      if (!row) throw new Error('Unable to read what became of a mark; its row is missing');
      return {
        outcome: row.outcome,
        move: {
          chatId,
          userId,
          deliveredBefore: row.delivered_before,
          seenBefore: row.seen_before,
          deliveredSeq: row.delivered_seq,
          seenSeq: row.seen_seq,
          at: row.at,
        },
      };
    });
  }

  /** Whom each of the moves concerns, in their order; `undefined` where the member has left. */
  async audiences(moves: readonly MarkMove[]): Promise<(Audience | undefined)[]> {
    const { rows } = await sql<Audience & { place: number }>`
      select
        place, is_blocked as "isBlocked", is_small as "isSmall", shows_seen as "showsSeen", blind,
        delivered_authors as "deliveredAuthors", seen_authors as "seenAuthors"
      from mark_audiences(
        ${moves.map((move) => move.chatId)}, ${moves.map((move) => move.userId)},
        ${moves.map((move) => move.deliveredBefore)}, ${moves.map((move) => move.deliveredSeq)},
        ${moves.map((move) => move.seenBefore)}, ${moves.map((move) => move.seenSeq)},
        ${pageLimits.smallGroup}, ${AUTHORS_RANGE}
      )`.execute(this.database);
    const byPlace = new Map(rows.map((row) => [row.place, row]));
    return moves.map((_, index) => byPlace.get(index + 1));
  }

  /** Who received and who saw a message, in no order: without its sender and those who joined later. */
  async receipts(reader: UserId, message: MessageRow): Promise<ReceiptRow[]> {
    const { chat_id: chatId, seq, sender_id: senderId, created_at: createdAt } = message;
    // Marks only go ahead: the first that covers the message is the earliest.
    const firstAt = (status: ReceiptStatus) => sql`(
      select h.at from mark_history h
      where h.chat_id = k.chat_id and h.user_id = k.user_id and h.status = ${status} and h.seq >= ${seq}
      order by h.seq limit 1
    )`;
    // While a block stands, of the other what was so before it; of his own what is so (BLOCK-1).
    const shown = (before: string, now: string) => sql`case
      when k.user_id = ${reader} then ${sql.ref(now)} else coalesce(${sql.ref(before)}, ${sql.ref(now)})
    end`;
    const { rows } = await sql<ReceiptRow>`
      select
        k.user_id,
        case when ${shown('k.shown_delivered_seq', 'k.delivered_seq')} >= ${seq} then
          coalesce(least(${firstAt('delivered')}, ${firstAt('seen')}), k.delivered_at, ${createdAt}::timestamptz)
        end as delivered_at,
        case when ${shown('k.shown_seen_seq', 'k.seen_seq')} >= ${seq} and u.seen_privacy and me.seen_privacy then
          coalesce(${firstAt('seen')}, k.seen_at, ${createdAt}::timestamptz)
        end as seen_at
      from members m
      ${joinRow(sql`marks k where k.chat_id = m.chat_id and k.user_id = m.user_id`, 'k')}
      join users u on u.id = m.user_id
      join users me on me.id = ${reader}
      where m.chat_id = ${chatId} and m.joined_seq <= ${seq} and m.user_id <> ${senderId}
        and not exists (
          select from hidden h
          where h.user_id = m.user_id and h.chat_id = ${chatId} and h.seq = ${seq} and h.silenced
        )`.execute(this.database);
    return rows;
  }

  /** Forgets when marks were moved that were moved long ago; resolves with how many rows that were. */
  async forgetHistory(days: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from mark_history where ctid = any (array(
        select ctid from mark_history where at < now() - make_interval(days => ${days}) limit ${limit}
      ))`.execute(this.database);
    return Number(numAffectedRows ?? 0);
  }
}
