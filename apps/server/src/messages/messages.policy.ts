import {
  type ChatId,
  decodedLength,
  type Encrypted,
  type Limits,
  type MediaId,
  type MemberRole,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { Database, type Queries } from '../database/database.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import {
  type MessageReference,
  MessagesRepository,
  type SeenMessage,
} from './messages.repository.js';

/** Why an append refused a message. */
export type Refusal =
  | 'notMember'
  | 'forbidden'
  | 'blocking'
  | 'conflict'
  | 'replyNotFound'
  | 'mediaNotFound'
  | 'mediaNotOpaque';

function requireBytes(bytes: number, limit: number, what: string): void {
  if (bytes > limit) throw new NatterError('TOO_LARGE', `${what} has at most ${limit} bytes`);
}

/** @throws {NatterError} `TOO_LARGE` where the text is over the configured limit. */
export function requireTextWithin(limits: Limits, text: string): void {
  requireBytes(Buffer.byteLength(text), limits.textBytes, 'A text');
}

/** @throws {NatterError} `TOO_LARGE` where the ciphertext or its header is over the configured limit. */
export function requireEncryptedWithin(limits: Limits, { ciphertext, header }: Encrypted): void {
  requireBytes(decodedLength(ciphertext), limits.ciphertextBytes, 'A ciphertext');
  const headerBytes = header === undefined ? 0 : Buffer.byteLength(JSON.stringify(header));
  requireBytes(headerBytes, limits.headerBytes, 'A header');
}

/** @throws {NatterError} `TOO_LARGE` where there are more than a message may hold. */
export function requireMediaWithin({ messageMedia }: Limits, mediaIds: readonly MediaId[]): void {
  if (mediaIds.length > messageMedia) {
    throw new NatterError('TOO_LARGE', `A message holds at most ${messageMedia} files`);
  }
}

/**
 * Who may send is judged by the append itself, under the lock of the chat, because only there nothing is sent after a
 * removal. This is what its judgement means to the sender.
 */
export function refusalOf(refusal: Refusal): NatterError {
  switch (refusal) {
    case 'notMember':
      return new NatterError('NOT_FOUND');
    case 'replyNotFound':
      return new NatterError('NOT_FOUND', 'The message that this replies to is not there');
    case 'mediaNotFound':
      return new NatterError('NOT_FOUND', 'A file that this names is none of your uploads');
    case 'mediaNotOpaque':
      return invalid('mediaIds', 'must be opaque uploads in an encrypted message');
    case 'blocking':
      return new NatterError('FORBIDDEN', 'You block this user');
    case 'forbidden':
      return new NatterError('FORBIDDEN', 'Only admins send messages in this group');
    case 'conflict':
      return new NatterError('CONFLICT', 'This clientMessageId was used for other content');
  }
}

/** Tombstones and system messages are what they are for good (MSG-2, CHAT-4). */
export function requireLiving({ message }: SeenMessage): void {
  if (message.kind === 'system') {
    throw new NatterError('FORBIDDEN', 'A system message cannot be changed');
  }
  if (message.deleted_at) throw new NatterError('FORBIDDEN', 'This message was deleted');
}

/** Who may see a message and what he may do to it. Asked before anything is locked, and again under the lock. */
@Injectable()
export class MessagesPolicy {
  constructor(
    private readonly database: Database,
    private readonly messages: MessagesRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * @throws {NatterError} `NOT_FOUND` where the caller is no member of the message's chat or has hidden it from
   *   himself, the same as for a message that does not exist (PRIV-1).
   */
  async requireVisible(
    caller: Caller,
    reference: MessageReference,
    queries: Queries = this.database,
  ): Promise<SeenMessage> {
    const seen = await this.messages.findSeen(queries, caller.userId, reference);
    if (!seen) throw new NatterError('NOT_FOUND');
    return seen;
  }

  /**
   * Whether the caller may send to each of the chats now; the append judges again, under their locks.
   *
   * @throws {NatterError} `NOT_FOUND` where he is no member of one of them, else `FORBIDDEN` where one lets only admins
   *   send.
   */
  async requireSending(caller: Caller, chatIds: readonly ChatId[]): Promise<void> {
    const places = await this.messages.sendingRights(caller.userId, chatIds);
    if (places.length < chatIds.length) throw refusalOf('notMember');
    if (!places.every(maySend)) throw refusalOf('forbidden');
  }

  /**
   * Only who wrote a message edits it, and only for so long (MSG-2).
   *
   * @param windowMs For how long; without it, for ever.
   * @throws {NatterError} `FORBIDDEN`.
   */
  requireEditing(caller: Caller, seen: SeenMessage, windowMs: number | undefined): void {
    if (seen.message.sender_id !== caller.userId) {
      throw new NatterError('FORBIDDEN', 'Only who wrote a message edits it');
    }
    requireLiving(seen);
    this.requireWithin(seen, windowMs);
    if (seen.isBlocking) throw refusalOf('blocking');
  }

  /**
   * Everybody deletes his own messages for everyone, for so long; admins those of members and admins, owners all
   * (CHAT-2, MSG-3).
   *
   * @param author What the sender is in the group now; absent where he has left.
   * @throws {NatterError} `FORBIDDEN`.
   */
  requireDeleting(
    caller: Caller,
    seen: SeenMessage,
    author: MemberRole | undefined,
    windowMs: number | undefined,
  ): void {
    if (seen.message.kind === 'system') {
      throw new NatterError('FORBIDDEN', 'A system message cannot be deleted for everyone');
    }
    const moderates =
      seen.chatType === 'group' &&
      (seen.role === 'owner' || (seen.role === 'admin' && author !== 'owner'));
    if (moderates) return;
    if (seen.message.sender_id !== caller.userId) {
      throw new NatterError('FORBIDDEN', 'You may not delete this message for everyone');
    }
    this.requireWithin(seen, windowMs);
  }

  /** Who may send may pin. @throws {NatterError} `FORBIDDEN`. */
  requirePinning(seen: SeenMessage): void {
    if (!maySend(seen)) {
      throw new NatterError('FORBIDDEN', 'Only admins pin messages in this group');
    }
  }

  private requireWithin({ message }: SeenMessage, windowMs: number | undefined): void {
    if (windowMs !== undefined && this.clock.now() - message.created_at.getTime() > windowMs) {
      throw new NatterError('FORBIDDEN', 'This message is too old for that');
    }
  }
}

function maySend({ send, role }: Pick<SeenMessage, 'send' | 'role'>): boolean {
  return send !== 'admins' || role !== 'member';
}
