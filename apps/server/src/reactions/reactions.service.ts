import {
  type ListReactionsQuery,
  type MessageChange,
  type MessageId,
  type Reaction,
  UserId,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import { Cursors } from '../cursors/cursors.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { MessageChanges } from '../messages/message-changes.js';
import { MessagesPolicy, requireLiving } from '../messages/messages.policy.js';
import type { MessageReference } from '../messages/messages.repository.js';
import { UsersService } from '../users/users.service.js';
import { type ReactionKinds, ReactionsRepository } from './reactions.repository.js';

const Position = z.object({
  at: z.string(),
  emoji: z.string(),
  userId: UserId,
});

/** Reactions to messages: one of each emoji by each user (MSG-6). */
@Injectable()
export class ReactionsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly policy: MessagesPolicy,
    private readonly changes: MessageChanges,
    private readonly reactions: ReactionsRepository,
    private readonly users: UsersService,
    private readonly cursors: Cursors,
  ) {}

  /** @throws {NatterError} `FORBIDDEN` for tombstones and system messages, `TOO_LARGE` beyond the limits of kinds. */
  add(caller: Caller, reference: MessageReference, emoji: string): Promise<MessageChange> {
    const { userId } = caller;
    return this.changes.run(caller, reference, requireLiving, async ({ message }, { queries }) => {
      const { chat_id: chatId, seq } = message;
      if (!(await this.reactions.add(queries, chatId, seq, userId, emoji))) return undefined;
      this.requireWithin(await this.reactions.kinds(queries, chatId, seq, userId));
      return { event: 'reactionChanged', details: { emoji, added: true } };
    });
  }

  remove(caller: Caller, reference: MessageReference, emoji: string): Promise<MessageChange> {
    const { userId } = caller;
    return this.changes.run(caller, reference, requireLiving, async ({ message }, { queries }) => {
      const { chat_id: chatId, seq } = message;
      if (!(await this.reactions.remove(queries, chatId, seq, userId, emoji))) return undefined;
      return { event: 'reactionChanged', details: { emoji, added: false } };
    });
  }

  /** Who reacted, the first one first; with `emoji`, only with that. */
  async list(
    caller: Caller,
    messageId: MessageId,
    { emoji, cursor, limit }: ListReactionsQuery,
  ): Promise<{ items: Reaction[]; nextCursor?: string }> {
    const { message } = await this.policy.requireVisible(caller, { messageId });
    const cursors = this.cursors.of('reactions', caller.userId, Position, messageId, emoji);
    const after = cursors.open(cursor);
    const rows = await this.reactions.list(message.chat_id, message.seq, emoji, after, limit + 1);
    const { shown, next } = cursors.page(rows, limit, (row) => ({
      at: row.at.toISOString(),
      emoji: row.emoji,
      userId: row.id,
    }));
    const users = await this.users.seenBy(caller.userId, shown);
    return {
      items: shown.flatMap((row, index) => {
        const user = users[index];
        return user ? [{ user, emoji: row.emoji, at: row.at.toISOString() }] : [];
      }),
      ...next,
    };
  }

  /** What is thrown undoes the reaction that made it too many. */
  private requireWithin({ all, own }: ReactionKinds): void {
    const { userReactions, messageReactions } = this.config.limits;
    if (own > userReactions) {
      throw new NatterError('TOO_LARGE', `One user reacts in at most ${userReactions} ways`);
    }
    if (all > messageReactions) {
      throw new NatterError('TOO_LARGE', `A message has at most ${messageReactions} reactions`);
    }
  }
}
