import type { MessageChange } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { toMessage } from '../streams/message-row.js';
import { readMessages } from '../streams/message-view.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import type { ChangeEvent } from '../streams/stream-row.js';
import { MessagesPolicy } from './messages.policy.js';
import type { MessageReference, SeenMessage } from './messages.repository.js';

/** What a change did: the event that tells of it, or nothing where it changed nothing (ACK-2). */
export type Happened = { readonly event: ChangeEvent; readonly details?: unknown } | undefined;

/** The one way in which something happens to a message: under the lock of its chat, with an entry in its stream. */
@Injectable()
export class MessageChanges {
  constructor(
    private readonly policy: MessagesPolicy,
    private readonly changes: StreamChanges,
  ) {}

  /**
   * Runs `body` with the message as it is under the lock, and appends what it says has happened.
   *
   * @param allow Throws where the caller may not do it. Asked twice: first without the lock, so that nobody holds up a
   *   chat with what he may not do to it, and again under the lock, where the answer is certain.
   * @throws {NatterError} `NOT_FOUND` to whoever cannot see the message, and what `allow` and `body` throw.
   */
  async run(
    caller: Caller,
    reference: MessageReference,
    allow: (seen: SeenMessage, change?: StreamChange) => Promise<void> | void,
    body: (seen: SeenMessage, change: StreamChange) => Promise<Happened>,
  ): Promise<MessageChange> {
    const before = await this.policy.requireVisible(caller, reference);
    await allow(before);
    const chatId = before.message.chat_id;
    return this.changes.run(
      { chatIds: [chatId] },
      async (change) => {
        const seen = await this.policy.requireVisible(caller, reference, change.queries);
        await allow(seen, change);
        const happened = await body(seen, change);
        const { id: messageId, seq: messageSeq } = seen.message;
        if (!happened) return { message: toMessage(seen.message) };
        const { userId } = caller;
        const seq = await change.appendChange({
          chatId,
          messageId,
          messageSeq,
          userId,
          ...happened,
        });
        const [message] = await readMessages(change.queries, userId, [[chatId, messageSeq]]);
        if (!message) throw new NatterError('NOT_FOUND');
        return { message: toMessage(message), seq };
      },
      caller.socketId,
    );
  }
}
