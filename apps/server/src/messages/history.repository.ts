import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import type { MessageRow } from '../streams/message-row.js';
import { isMember } from '../streams/lookups.js';
import { messageColumns, messageJoins, visibleTo } from '../streams/message-view.js';
import { PAST_HEAD, type Window, windowsDown, windowsUp } from '../streams/seq-windows.js';

/** Whose view of which chat is read. */
export interface View {
  readonly reader: UserId;
  readonly chatId: ChatId;
  /** The head of the chat's stream, or one that was: newer messages are found as well. */
  readonly lastSeq: number;
}

type Direction = 'asc' | 'desc';

/** Pages of a chat's messages. Each statement asks for the membership: who is removed meanwhile reads nothing (PRIV-1). */
@Injectable()
export class HistoryRepository {
  constructor(private readonly database: Database) {}

  /** The newest messages below `seq`, or of all, that the reader sees, ascending. */
  async before(view: View, seq: number | undefined, limit: number): Promise<MessageRow[]> {
    const windows = windowsDown(seq ?? PAST_HEAD, view.lastSeq, limit);
    const rows = await this.fill(view, windows, 'desc', limit);
    return rows.toReversed();
  }

  /** The oldest messages above `seq` that the reader sees, ascending. */
  after(view: View, seq: number, limit: number): Promise<MessageRow[]> {
    return this.fill(view, windowsUp(seq, view.lastSeq, limit), 'asc', limit);
  }

  private async fill(
    view: View,
    windows: Iterable<Window>,
    direction: Direction,
    limit: number,
  ): Promise<MessageRow[]> {
    const rows: MessageRow[] = [];
    let clearedSeq: number | undefined;
    for (const { above, below, isLast } of windows) {
      const from = Math.max(above, clearedSeq ?? 0);
      if (from + 1 < below) {
        rows.push(...(await this.read(view, from, below, direction, limit - rows.length)));
      }
      if (rows.length === limit || isLast) break;
      // Most pages are full at once and need not know it. A cleared past is not walked through.
      clearedSeq ??= await this.clearedSeq(view);
    }
    return rows;
  }

  /**
   * The offset keeps the steps apart: first the window in its order, and then as much of it as fills the page. Both bounds
   * are plain values, so that the planner knows how little is between them.
   */
  private async read(
    { reader, chatId }: View,
    above: number,
    below: number,
    direction: Direction,
    limit: number,
  ): Promise<MessageRow[]> {
    const order = direction === 'asc' ? sql`asc` : sql`desc`;
    const { rows } = await sql<MessageRow>`
      select ${messageColumns(reader)}
      from (
        select * from messages w
        where w.chat_id = ${chatId} and w.seq > ${above} and w.seq < ${below}
        order by w.seq ${order} offset 0
      ) m ${messageJoins}
      where ${visibleTo(reader, 'm')}
        and ${isMember(reader, chatId)}
      order by m.seq ${order} limit ${limit}`.execute(this.database);
    return rows;
  }

  /** Up to where the reader has cleared the chat. */
  private async clearedSeq({ reader, chatId }: View): Promise<number> {
    const { rows } = await sql<{ cleared_seq: number }>`
      select cleared_seq from preferences where chat_id = ${chatId} and user_id = ${reader}`.execute(
      this.database,
    );
    return rows[0]?.cleared_seq ?? 0;
  }
}
