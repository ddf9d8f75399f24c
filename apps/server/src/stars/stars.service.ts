import { ChatId, type Message, type PageQuery, Seq, type UserSeqOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { Cursors } from '../cursors/cursors.js';
import type { Caller } from '../identity/caller.js';
import { MessagesPolicy, requireLiving } from '../messages/messages.policy.js';
import type { MessageReference } from '../messages/messages.repository.js';
import { toMessage } from '../streams/message-row.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { StarsRepository } from './stars.repository.js';

const Position = z.object({ at: z.string(), chatId: ChatId, seq: Seq });

/** Messages that a user has starred, for himself alone: an event of his own stream, and nobody else's business. */
@Injectable()
export class StarsService {
  constructor(
    private readonly policy: MessagesPolicy,
    private readonly stars: StarsRepository,
    private readonly changes: StreamChanges,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Stars a message, or ends that.
   *
   * @throws {NatterError} `NOT_FOUND` where the caller cannot see it; `FORBIDDEN` to star what is no living message.
   */
  set(caller: Caller, reference: MessageReference, starred: boolean): Promise<UserSeqOutput> {
    const { userId } = caller;
    return this.changes.run({ userIds: [userId] }, async (change) => {
      const seen = await this.policy.requireVisible(caller, reference, change.queries);
      if (starred) requireLiving(seen);
      const { id: messageId, chat_id: chatId, seq } = seen.message;
      const changed = starred
        ? await this.stars.add(change.queries, userId, chatId, seq)
        : await this.stars.remove(change.queries, userId, chatId, seq);
      if (!changed) return {};
      const details = { messageId, starred };
      return {
        userSeq: await change.appendToUser({ userId, event: 'messageStarred', chatId, details }),
      };
    });
  }

  /** The starred messages that the caller can see, the last one first. */
  async list(
    caller: Caller,
    { cursor, limit }: PageQuery,
  ): Promise<{ items: Message[]; nextCursor?: string }> {
    const { userId } = caller;
    const cursors = this.cursors.of('stars', userId, Position);
    const rows = await this.stars.list(userId, cursors.open(cursor), limit + 1);
    const { shown, next } = cursors.page(rows, limit, (row) => ({
      at: row.starred_at.toISOString(),
      chatId: row.chat_id,
      seq: row.seq,
    }));
    return { items: shown.map(toMessage), ...next };
  }
}
