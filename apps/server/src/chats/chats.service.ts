import { type Chat, ChatId, type CreateChatInput, MessageId, type UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { newId } from '../database/new-id.js';
import { NatterError } from '../errors/natter-error.js';
import type { Creation } from '../http/creation.js';
import { requireRoom } from './group-size.js';
import { MembersRepository } from './members.repository.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import { UsersService } from '../users/users.service.js';
import { toChat, toPublicChat } from './chats.mapper.js';
import { ChatsRepository } from './chats.repository.js';

type DirectInput = Extract<CreateChatInput, { type: 'direct' }>;
type GroupInput = Extract<CreateChatInput, { type: 'group' }>;

/** A chat's stream begins at 1; a group's with the message that tells of its creation. */
const BEFORE_ALL = 0;
const CREATION_SEQ = 1;

@Injectable()
export class ChatsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly chats: ChatsRepository,
    private readonly members: MembersRepository,
    private readonly users: UsersService,
    private readonly changes: StreamChanges,
  ) {}

  async create(caller: Caller, input: CreateChatInput): Promise<Creation<Chat>> {
    const { created, value } = await (input.type === 'direct'
      ? this.createDirect(caller, input)
      : this.createGroup(caller, input));
    return { created, value: await this.requireOwn(caller.userId, value) };
  }

  /** @throws {NatterError} `NOT_FOUND` for a chat that is neither the caller's nor public. */
  async get(caller: Caller, chatId: ChatId): Promise<Chat> {
    const own = await this.readOwn(caller.userId, [chatId]);
    const chat = own.get(chatId);
    if (chat) return chat;
    const publicChat = await this.chats.findPublic(chatId);
    if (!publicChat) throw new NatterError('NOT_FOUND');
    return toPublicChat(publicChat);
  }

  /** Those of the chats of which the reader is a member, as he sees them now. */
  async readOwn(reader: UserId, chatIds: readonly ChatId[]): Promise<Map<ChatId, Chat>> {
    const views = await this.chats.readOwn(reader, chatIds);
    const toUser = await this.users.asContactOf(reader);
    return new Map(views.map((view) => [view.chat.id, toChat(view, toUser)]));
  }

  /** The ids of the caller's chats above `after`, ascending. */
  ownIds(caller: Caller, after: ChatId | undefined, limit: number): Promise<ChatId[]> {
    return this.members.chatsOf(caller.userId, after, limit);
  }

  async requireOwn(reader: UserId, chatId: ChatId): Promise<Chat> {
    const chat = (await this.readOwn(reader, [chatId])).get(chatId);
    if (!chat) throw new NatterError('NOT_FOUND');
    return chat;
  }

  private createDirect(caller: Caller, { userId }: DirectInput): Promise<Creation<ChatId>> {
    const [low, high] = [caller.userId, userId].toSorted();
    if (low === undefined || high === undefined) throw new Error('A direct chat is of two');
    const userIds = [...new Set([low, high])];
    // Both hold the streams of both, so that of two who open the chat at once the second finds it (CHAT-1).
    return this.changes.run({ userIds }, async (change) => {
      const existing = await this.chats.findDirect(change.queries, low, high);
      if (existing) return { created: false, value: existing.id };
      const known = await this.users.existing(change.queries, userIds);
      if (known.length < userIds.length)
        throw new NatterError('NOT_FOUND', 'There is no such user');
      const id = newId(ChatId);
      await this.chats.insert(change.queries, {
        id,
        type: 'direct',
        created_by: caller.userId,
        member_count: userIds.length,
        direct_low: low,
        direct_high: high,
      });
      await this.addFirstMembers(
        change,
        id,
        userIds.map((memberId) => ({ userId: memberId, role: 'member' as const })),
        BEFORE_ALL,
      );
      await this.users.noteBlocks(change.queries, low, high);
      return { created: true, value: id };
    });
  }

  private createGroup(caller: Caller, input: GroupInput): Promise<Creation<ChatId>> {
    const { clientChatId, title, visibility } = input;
    const invited = [...new Set(input.memberIds)].filter((id) => id !== caller.userId);
    requireRoom(this.config.limits, invited.length + 1);
    return this.changes.run({ userIds: [caller.userId, ...invited] }, async (change) => {
      const existing =
        clientChatId &&
        (await this.chats.findByClientId(change.queries, caller.userId, clientChatId));
      if (existing) return { created: false, value: existing.id };
      // Who cannot be added is left out silently (CHAT-3).
      const memberIds = await this.users.addable(change.queries, caller.userId, invited);
      const id = newId(ChatId);
      await this.chats.insert(change.queries, {
        id,
        type: 'group',
        title,
        ...(visibility && { visibility }),
        created_by: caller.userId,
        client_chat_id: clientChatId ?? null,
        member_count: memberIds.length + 1,
      });
      await this.addFirstMembers(
        change,
        id,
        [
          { userId: caller.userId, role: 'owner' },
          ...memberIds.map((userId) => ({ userId, role: 'member' as const })),
        ],
        CREATION_SEQ,
      );
      await change.append({
        id: newId(MessageId),
        chatId: id,
        kind: 'system',
        senderId: caller.userId,
        system: { type: 'chatCreated' },
      });
      return { created: true, value: id };
    });
  }

  private async addFirstMembers(
    change: StreamChange,
    chatId: ChatId,
    members: readonly { userId: UserId; role: 'owner' | 'member' }[],
    afterSeq: number,
  ): Promise<void> {
    await this.members.insert(
      change.queries,
      { chatId, joinedSeq: CREATION_SEQ, lastSeq: BEFORE_ALL, lastOrdinal: 0 },
      members,
    );
    await change.appendToUsers(
      members.map(({ userId }) => ({ userId, event: 'chatAdded', chatId, details: { afterSeq } })),
    );
  }
}
