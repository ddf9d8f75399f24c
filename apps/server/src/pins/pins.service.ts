import {
  type ChatId,
  type ChatSeqOutput,
  type Message,
  type PageQuery,
  Seq,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { ChatsPolicy } from '../chats/chats.policy.js';
import { CONFIG, type Config } from '../config/config.js';
import { Cursors } from '../cursors/cursors.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { MessageChanges } from '../messages/message-changes.js';
import { MessagesPolicy, requireLiving } from '../messages/messages.policy.js';
import type { MessageReference } from '../messages/messages.repository.js';
import { toMessage } from '../streams/message-row.js';
import { PinsRepository } from './pins.repository.js';

const Position = z.object({ at: z.string(), seq: Seq });

/** Messages that are pinned for everybody in a chat. */
@Injectable()
export class PinsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly chatsPolicy: ChatsPolicy,
    private readonly policy: MessagesPolicy,
    private readonly changes: MessageChanges,
    private readonly pins: PinsRepository,
    private readonly cursors: Cursors,
  ) {}

  /** @throws {NatterError} `FORBIDDEN` for what is no living message, `TOO_LARGE` beyond the limit of the chat. */
  async pin(caller: Caller, reference: MessageReference): Promise<ChatSeqOutput> {
    const { seq } = await this.changes.run(
      caller,
      reference,
      (seen) => {
        this.policy.requirePinning(seen);
        requireLiving(seen);
      },
      async ({ message }, { queries }) => {
        if (message.pinned_at) return undefined;
        const { chatPins } = this.config.limits;
        if ((await this.pins.count(queries, message.chat_id)) >= chatPins) {
          throw new NatterError('TOO_LARGE', `A chat has at most ${chatPins} pinned messages`);
        }
        await this.pins.set(queries, message.chat_id, message.seq, true);
        return { event: 'messagePinned' };
      },
    );
    return seq === undefined ? {} : { seq };
  }

  async unpin(caller: Caller, reference: MessageReference): Promise<ChatSeqOutput> {
    const { seq } = await this.changes.run(
      caller,
      reference,
      (seen) => this.policy.requirePinning(seen),
      async ({ message }, { queries }) => {
        if (!message.pinned_at) return undefined;
        await this.pins.set(queries, message.chat_id, message.seq, false);
        return { event: 'messageUnpinned' };
      },
    );
    return seq === undefined ? {} : { seq };
  }

  /** The pinned messages that the caller can see, the last one first. */
  async list(
    caller: Caller,
    chatId: ChatId,
    { cursor, limit }: PageQuery,
  ): Promise<{ items: Message[]; nextCursor?: string }> {
    await this.chatsPolicy.requireMember(caller, chatId);
    const { userId } = caller;
    const cursors = this.cursors.of('pins', userId, Position, chatId);
    const rows = await this.pins.list(userId, chatId, cursors.open(cursor), limit + 1);
    const { shown, next } = cursors.page(rows, limit, (row) => ({
      at: row.pinned_at.toISOString(),
      seq: row.seq,
    }));
    return { items: shown.map(toMessage), ...next };
  }
}
