import {
  type ChatId,
  type CommandInput,
  type CommandOutput,
  type History,
  type Message,
  MessageId,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { ChatsPolicy } from '../chats/chats.policy.js';
import { ChatsService } from '../chats/chats.service.js';
import { MembersService } from '../chats/members.service.js';
import { CONFIG, type Config } from '../config/config.js';
import { Installation } from '../database/installation.js';
import { newId } from '../database/new-id.js';
import { NatterError } from '../errors/natter-error.js';
import { AppendWriter } from '../streams/append-writer.js';
import { type MessageRow, toMessage } from '../streams/message-row.js';
import { fingerprint, type SentContent } from './fingerprint.js';
import { HistoryRepository, type View } from './history.repository.js';
import {
  MessagesPolicy,
  refusalOf,
  requireEncryptedWithin,
  requireMediaWithin,
  requireTextWithin,
} from './messages.policy.js';
import { MessagesRepository } from './messages.repository.js';

/** Which page of a chat's history is wanted: at most one bound; without one, the newest messages. */
export interface HistoryBounds {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: number | undefined;
  readonly limit: number;
}

/** What is sent, by either door. */
export type NewMessage =
  | ({ readonly kind: 'text' } & CommandInput<'sendMessage'>)
  | ({ readonly kind: 'encrypted' } & CommandInput<'sendEncryptedMessage'>)
  | ({ readonly kind: 'media' } & CommandInput<'sendMedia'>);

@Injectable()
export class MessagesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly installation: Installation,
    private readonly policy: ChatsPolicy,
    private readonly messagesPolicy: MessagesPolicy,
    private readonly chats: ChatsService,
    private readonly members: MembersService,
    private readonly messages: MessagesRepository,
    private readonly pages: HistoryRepository,
    private readonly writer: AppendWriter,
  ) {}

  /**
   * Sends a text, an encrypted payload or media. Nothing is awaited before the append, so that the sends of one socket keep
   * their order.
   */
  async send(caller: Caller, content: NewMessage): Promise<CommandOutput<'sendMessage'>> {
    const { chatId, clientMessageId, kind, replyToId } = content;
    const { text, mentions, encrypted, mediaIds } = this.requireWithin(content);
    const result = await this.writer.append(
      {
        id: newId(MessageId),
        chatId,
        kind,
        senderId: caller.userId,
        senderDeviceId: caller.deviceId,
        clientMessageId,
        fingerprint: fingerprint(this.installation.fingerprintSecret, {
          kind,
          text,
          mentions,
          encrypted,
          mediaIds,
          replyToId,
        }),
        // An empty caption is none.
        text: text || undefined,
        mentions,
        encrypted: encrypted && JSON.stringify(encrypted),
        mediaIds,
        replyToId,
      },
      caller.socketId,
    );
    if (result.outcome === 'appended') return { message: result.message };
    if (result.outcome !== 'duplicate') throw refusalOf(result.outcome);
    const first = await this.messages.findOwn(caller.userId, chatId, result.messageId);
    if (!first) throw new NatterError('NOT_FOUND');
    return { message: toMessage(first), duplicate: true };
  }

  /** A message as the caller sees it now. */
  async get(caller: Caller, messageId: MessageId): Promise<Message> {
    const { message } = await this.messagesPolicy.requireVisible(caller, { messageId });
    return toMessage(message);
  }

  /** A page of messages, ascending. */
  async history(caller: Caller, chatId: ChatId, bounds: HistoryBounds): Promise<History> {
    const { lastSeq } = await this.policy.requireMember(caller, chatId);
    return this.readHistory({ reader: caller.userId, chatId, lastSeq }, bounds);
  }

  /** A chat with its newest messages, for a member; of a public group, everybody else becomes a member first. */
  async open(
    caller: Caller,
    { chatId, inviteCode, limit }: CommandInput<'joinChat'>,
  ): Promise<CommandOutput<'joinChat'>> {
    await this.members.enter(caller, chatId, inviteCode);
    // In this order: history newer than the chat's `lastSeq` harms nobody, older history would be missed.
    const chat = await this.chats.requireOwn(caller.userId, chatId);
    const view = { reader: caller.userId, chatId, lastSeq: chat.lastSeq };
    const history = await this.readHistory(view, { limit });
    return { chat, messages: history.items, hasMore: history.hasMoreBefore };
  }

  /** @throws {NatterError} `TOO_LARGE`. */
  private requireWithin(
    content: NewMessage,
  ): Pick<SentContent, 'text' | 'mentions' | 'encrypted' | 'mediaIds'> {
    const { limits } = this.config;
    if (content.kind === 'text') {
      requireTextWithin(limits, content.text);
      return { text: content.text, mentions: content.mentions };
    }
    const mediaIds = content.mediaIds?.length ? content.mediaIds : undefined;
    requireMediaWithin(limits, mediaIds ?? []);
    if (content.kind === 'media') {
      requireTextWithin(limits, content.text ?? '');
      return { text: content.text, mentions: content.mentions, mediaIds };
    }
    requireEncryptedWithin(limits, content.encrypted);
    return { encrypted: content.encrypted, mediaIds };
  }

  private async readHistory(
    view: View,
    { before, after, around, limit }: HistoryBounds,
  ): Promise<History> {
    // One more than wanted on each side that goes on says whether there is more.
    if (after !== undefined) {
      const rows = await this.pages.after(view, after, limit + 1);
      const [older] = await this.pages.before(view, after + 1, 1);
      return toHistory(rows.slice(0, limit), older !== undefined, rows.length > limit);
    }
    if (around !== undefined) {
      const older = await this.pages.before(view, around, limit + 1);
      const newer = await this.pages.after(view, around - 1, limit + 1);
      // Half of the page on each side, and what one side does not fill, the other one has.
      const half = limit - Math.floor(limit / 2);
      const newerCount = Math.min(newer.length, Math.max(half, limit - older.length));
      const olderCount = Math.min(older.length, limit - newerCount);
      return toHistory(
        [...older.slice(older.length - olderCount), ...newer.slice(0, newerCount)],
        older.length > olderCount,
        newer.length > newerCount,
      );
    }
    const rows = await this.pages.before(view, before, limit + 1);
    const newer = before === undefined ? [] : await this.pages.after(view, before - 1, 1);
    return toHistory(rows.slice(-limit), rows.length > limit, newer.length > 0);
  }
}

function toHistory(
  rows: readonly MessageRow[],
  hasMoreBefore: boolean,
  hasMoreAfter: boolean,
): History {
  return { items: rows.map(toMessage), hasMoreBefore, hasMoreAfter };
}
