import { isDeepStrictEqual } from 'node:util';
import type {
  CommandInput,
  DeleteMessageOutput,
  Encrypted,
  MessageChange,
  UserId,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { MembersService } from '../chats/members.service.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database, type Queries } from '../database/database.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import type { MessageRow } from '../streams/message-row.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import { MessageChanges } from './message-changes.js';
import { MessagesPolicy, requireEncryptedWithin, requireTextWithin } from './messages.policy.js';
import {
  type Content,
  type MessageReference,
  MessagesRepository,
  type SeenMessage,
} from './messages.repository.js';

/** What a message is to say from now on: either a text or an encrypted payload, as before. */
export interface Edit {
  readonly text?: string | undefined;
  /** Absent: whom it mentioned before. */
  readonly mentions?: readonly UserId[] | undefined;
  readonly encrypted?: Encrypted | undefined;
}

/** Edits and deletions (MSG-2, MSG-3, MSG-4). */
@Injectable()
export class EditsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly policy: MessagesPolicy,
    private readonly members: MembersService,
    private readonly messages: MessagesRepository,
    private readonly messageChanges: MessageChanges,
    private readonly changes: StreamChanges,
  ) {}

  /**
   * Gives a message other content; it keeps its place and its `seq`.
   *
   * @throws {NatterError} `INVALID` for a text in the place of an encrypted payload and the reverse.
   */
  edit(caller: Caller, reference: MessageReference, edit: Edit): Promise<MessageChange> {
    if (edit.text !== undefined) requireTextWithin(this.config.limits, edit.text);
    if (edit.encrypted) requireEncryptedWithin(this.config.limits, edit.encrypted);
    const { editWindowMs } = this.config;
    return this.messageChanges.run(
      caller,
      reference,
      (seen) => {
        this.policy.requireEditing(caller, seen, editWindowMs);
        requireSameKind(seen, edit);
      },
      async ({ message, silencedFor }, change) => {
        const { queries } = change;
        const content = await this.contentAfter(queries, message, edit);
        const { text, mentions, encrypted } = message;
        if (isDeepStrictEqual(content, { text, mentions, encrypted })) return undefined;
        await this.messages.setContent(queries, message, content);
        // Otherwise what he sent before the block would bring what he writes after it.
        if (silencedFor) await this.hideFrom(change, silencedFor, message, true);
        return { event: 'messageEdited' };
      },
    );
  }

  delete(
    caller: Caller,
    { scope, ...reference }: CommandInput<'deleteMessage'>,
  ): Promise<DeleteMessageOutput> {
    return scope === 'everyone'
      ? this.deleteForEveryone(caller, reference)
      : this.hide(caller, reference);
  }

  private async deleteForEveryone(
    caller: Caller,
    reference: MessageReference,
  ): Promise<DeleteMessageOutput> {
    const { message, seq } = await this.messageChanges.run(
      caller,
      reference,
      async (seen, change) => {
        const { chat_id: chatId, sender_id: senderId } = seen.message;
        const queries = change?.queries ?? this.database;
        const author = await this.members.roleOf(chatId, senderId, queries);
        this.policy.requireDeleting(caller, seen, author, this.config.deleteWindowMs);
      },
      async ({ message }, { queries }) => {
        if (message.deleted_at) return undefined;
        await this.messages.eraseContent(queries, message);
        return { event: 'messageDeleted' };
      },
    );
    if (seq === undefined) return {};
    return { seq, ...(message.deletedAt !== undefined && { at: message.deletedAt }) };
  }

  /** Any message, at any age, from nobody else (MSG-4). It needs the lock of the caller's own stream alone. */
  private hide(caller: Caller, reference: MessageReference): Promise<DeleteMessageOutput> {
    const { userId } = caller;
    const { messageId } = reference;
    return this.changes.run({ userIds: [userId] }, async (change) => {
      const place = await this.messages.findPlace(change.queries, userId, reference);
      if (!place) throw new NatterError('NOT_FOUND');
      const message = { id: messageId, chat_id: place.chatId, seq: place.seq };
      const userSeq = await this.hideFrom(change, userId, message, false);
      return userSeq === undefined ? {} : { userSeq };
    });
  }

  /** Resolves with the `userSeq` of the `messageHidden`; `undefined` where it was hidden from him already. */
  private async hideFrom(
    change: StreamChange,
    userId: UserId,
    { id: messageId, chat_id: chatId, seq }: Pick<MessageRow, 'id' | 'chat_id' | 'seq'>,
    silenced: boolean,
  ): Promise<number | undefined> {
    if (!(await this.messages.hide(change.queries, userId, chatId, seq, silenced)))
      return undefined;
    return change.appendToUser({ userId, event: 'messageHidden', chatId, details: { messageId } });
  }

  private async contentAfter(
    queries: Queries,
    message: MessageRow,
    { text, mentions, encrypted }: Edit,
  ): Promise<Content> {
    if (encrypted) return { text: null, mentions: null, encrypted: JSON.stringify(encrypted) };
    const known =
      mentions && (await this.messages.knownMentions(queries, message.chat_id, mentions));
    return {
      // An empty caption is none.
      text: (text ?? message.text) || null,
      mentions: known ? (known.length > 0 ? known : null) : message.mentions,
      encrypted: null,
    };
  }
}

function requireSameKind({ message }: SeenMessage, { text, encrypted }: Edit): void {
  if (text === '' && message.kind === 'text') {
    throw invalid('text', 'must contain a character that is not blank');
  }
  if ((message.kind === 'encrypted') === (encrypted !== undefined)) return;
  const path = encrypted ? 'encrypted' : 'text';
  throw invalid(path, `is not what a message of the kind ${message.kind} holds`);
}
