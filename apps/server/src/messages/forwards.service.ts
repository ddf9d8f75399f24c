import {
  type ChatId,
  type ClientMessageId,
  type CommandInput,
  type Message,
  MessageId,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { Installation } from '../database/installation.js';
import { newId } from '../database/new-id.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import type { MessageDraft, SettledOutcome } from '../streams/append-statement.js';
import { mediaOf } from '../streams/media-view.js';
import { toMessage } from '../streams/message-row.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { fingerprint } from './fingerprint.js';
import { MessagesPolicy, refusalOf, requireLiving } from './messages.policy.js';
import {
  type MessageReference,
  MessagesRepository,
  type SeenMessage,
} from './messages.repository.js';

export interface Destination {
  readonly chatId: ChatId;
  readonly clientMessageId: ClientMessageId;
}

/** Pairs each chat with its client id; the schema has seen to it that there are as many of them. */
export function toDestinations({
  chatIds,
  clientMessageIds,
}: Pick<CommandInput<'forwardMessage'>, 'chatIds' | 'clientMessageIds'>): Destination[] {
  return chatIds.flatMap((chatId, index) => {
    const clientMessageId = clientMessageIds[index];
    return clientMessageId === undefined ? [] : [{ chatId, clientMessageId }];
  });
}

/** Sends what a message says to other chats (MSG-5). */
@Injectable()
export class ForwardsService {
  constructor(
    private readonly installation: Installation,
    private readonly policy: MessagesPolicy,
    private readonly messages: MessagesRepository,
    private readonly changes: StreamChanges,
  ) {}

  /**
   * Sends to all of the chats or to none: one transaction holds them all. The copies are answered in the order of the
   * destinations; the same forward again answers the first copies (IDEM-1).
   *
   * @throws {NatterError} `INVALID` for an encrypted message, `FORBIDDEN` for a tombstone and a system message, and
   *   what a send to any of the chats would throw.
   */
  async forward(
    caller: Caller,
    reference: MessageReference,
    destinations: readonly Destination[],
  ): Promise<Message[]> {
    // A repeat is answered also where the source is gone by now.
    const { userId } = caller;
    const { messageId } = reference;
    const mark = fingerprint(this.installation.fingerprintSecret, { kind: 'forward', messageId });
    const sent = await this.messages.findSent(userId, destinations, mark);
    if (sent.length === destinations.length) return sent.map(toMessage);
    const source = await this.policy.requireVisible(caller, reference);
    requireLiving(source);
    if (source.message.kind === 'encrypted') {
      throw invalid('messageId', 'is encrypted: only its reader can send what it says');
    }
    const chatIds = destinations.map(({ chatId }) => chatId);
    await this.policy.requireSending(caller, chatIds);
    const drafts = destinations.map((destination) => draftOf(caller, source, destination, mark));
    const outcomes = await this.changes.run(
      { chatIds },
      async (change) => {
        const outcomes = await change.appendMessages(drafts);
        // What is thrown here undoes the other copies.
        for (const outcome of outcomes) requireSent(outcome);
        return outcomes;
      },
      caller.socketId,
    );
    return Promise.all(
      outcomes.map((outcome, index) => this.copyOf(caller, destinations[index], outcome)),
    );
  }

  private async copyOf(
    caller: Caller,
    destination: Destination | undefined,
    outcome: SettledOutcome,
  ): Promise<Message> {
    if (outcome.outcome === 'appended') return outcome.message;
    if (outcome.outcome !== 'duplicate' || !destination) throw new NatterError('NOT_FOUND');
    const { chatId } = destination;
    const first = await this.messages.findOwn(caller.userId, chatId, outcome.messageId);
    if (!first) throw new NatterError('NOT_FOUND');
    return toMessage(first);
  }
}

function requireSent({ outcome }: SettledOutcome): void {
  if (outcome !== 'appended' && outcome !== 'duplicate') throw refusalOf(outcome);
}

function draftOf(
  caller: Caller,
  { message }: SeenMessage,
  { chatId, clientMessageId }: Destination,
  mark: Buffer,
): MessageDraft {
  return {
    id: newId(MessageId),
    chatId,
    kind: message.kind,
    senderId: caller.userId,
    senderDeviceId: caller.deviceId,
    clientMessageId,
    fingerprint: mark,
    text: message.text ?? undefined,
    mediaIds: mediaOf(message.media)?.map(({ id }) => id),
    forwarded: true,
  };
}
