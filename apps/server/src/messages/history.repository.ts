import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database } from '../database/database.js';
import type { MessageRow } from '../streams/message-row.js';
import { messageColumns, messageJoins, visibleTo } from '../streams/message-view.js';
import { PAST_HEAD, type Window, windowsDown, windowsUp } from './history-windows.js';

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
    const rows: MessageRow[] = [];
    let clearedSeq: number | undefined;
    for (const window of windows) {
      rows.push(...(await this.read(view, window, 'desc', limit - rows.length)));
      if (rows.length === limit || window.above === 0) break;
      clearedSeq ??= await this.clearedSeq(view);
      if (window.above <= clearedSeq) break;
    }
    return rows.toReversed();
  }

  /** The oldest messages above `seq` that the reader sees, ascending. */
  async after(view: View, seq: number, limit: number): Promise<MessageRow[]> {
    const rows: MessageRow[] = [];
    for (const window of windowsUp(seq, view.lastSeq, limit)) {
      rows.push(...(await this.read(view, window, 'asc', limit - rows.length)));
      if (rows.length === limit) break;
    }
    return rows;
  }

  /** The offset keeps the steps apart: first the window in its order, and then as much of it as fills the page. */
  private async read(
    { reader, chatId }: View,
    { above, below }: Window,
    direction: Direction,
    limit: number,
  ): Promise<MessageRow[]> {
    const order = direction === 'asc' ? sql`asc` : sql`desc`;
    const { rows } = await sql<MessageRow>`
      select ${messageColumns(reader)}
      from (
        select * from messages w
        where w.chat_id = ${chatId} and w.seq < ${below}
          and w.seq > greatest(${above}, ${clearedSeqOf(reader, chatId)})
        order by w.seq ${order} offset 0
      ) m ${messageJoins}
      where ${visibleTo(reader, 'm')}
        and exists (select from members r where r.chat_id = m.chat_id and r.user_id = ${reader})
      order by m.seq ${order} limit ${limit}`.execute(this.database);
    return rows;
  }

  private async clearedSeq({ reader, chatId }: View): Promise<number> {
    const { rows } = await sql<{ seq: number }>`
      select ${clearedSeqOf(reader, chatId)} as seq`.execute(this.database);
    return rows[0]?.seq ?? 0;
  }
}

/** Up to where the reader has cleared the chat: a cleared past is not walked through. */
function clearedSeqOf(reader: UserId, chatId: ChatId): RawBuilder<number> {
  return sql<number>`coalesce((
    select p.cleared_seq from preferences p where p.chat_id = ${chatId} and p.user_id = ${reader}
  ), 0)`;
}
