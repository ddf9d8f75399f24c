import { isDeepStrictEqual } from 'node:util';
import {
  type Chat,
  type ChatChanges,
  type ChatId,
  MessageId,
  type UpdateChatInput,
} from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { Database } from '../database/database.js';
import { newId } from '../database/new-id.js';
import type { Caller } from '../identity/caller.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { AvatarsService } from '../media/avatars.service.js';
import { avatarUrl } from '../streams/message-row.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { ChatsPolicy } from './chats.policy.js';
import { ChatsService } from './chats.service.js';
import { type GroupInfo, GroupsRepository } from './groups.repository.js';
import { MembersRepository } from './members.repository.js';

/** Small enough never to hold up the sends of other chats. */
const PURGE_BATCH = 2000;
const PURGE_INTERVAL_MS = 10 * 60_000;

/** A group's info, and its end. */
@Injectable()
export class GroupsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly purge: Sweep;

  constructor(
    @Inject(LOGGER) logger: Logger,
    private readonly database: Database,
    private readonly policy: ChatsPolicy,
    private readonly groups: GroupsRepository,
    private readonly members: MembersRepository,
    private readonly chats: ChatsService,
    private readonly changes: StreamChanges,
    private readonly avatars: AvatarsService,
  ) {
    const failure = 'unable to purge deleted groups; trying again';
    this.purge = new Sweep(logger, failure, () =>
      this.purge.inBatches(PURGE_BATCH, (size) => this.groups.purge(size)),
    );
  }

  /** Purges what a crash cut off, and groups that everybody has left. */
  onApplicationBootstrap(): void {
    this.purge.start(PURGE_INTERVAL_MS, 'atOnce');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.purge.stop();
  }

  /** Changes a chat's info; what is as it was makes no entry. */
  async update(caller: Caller, chatId: ChatId, input: UpdateChatInput): Promise<Chat> {
    await this.policy.requireMember(caller, chatId);
    if (input.avatarMediaId) {
      // Nobody has a picture made for a group that he may not edit.
      await this.policy.requireEditing(caller, chatId, input, this.database);
    }
    await this.avatars.withAvatar(caller, input.avatarMediaId, (avatar) =>
      this.updateWith(caller, chatId, input, avatar),
    );
    return this.chats.requireOwn(caller.userId, chatId);
  }

  private async updateWith(
    caller: Caller,
    chatId: ChatId,
    input: UpdateChatInput,
    avatar: string | null | undefined,
  ): Promise<void> {
    await this.changes.run({ chatIds: [chatId] }, async (change) => {
      await this.policy.requireEditing(caller, chatId, input, change.queries);
      const before = await this.groups.info(change.queries, chatId);
      const after = merge(before, input, avatar);
      const changes = difference(before, after);
      if (Object.keys(changes).length === 0) return;
      await this.groups.setInfo(change.queries, chatId, after);
      await change.append({
        id: newId(MessageId),
        chatId,
        kind: 'system',
        senderId: caller.userId,
        system: { type: 'chatUpdated', changes },
      });
    });
  }

  /** Ends a group for everybody: at once for its members, and in the background on disk. */
  async delete(caller: Caller, chatId: ChatId): Promise<void> {
    // Asked before so many streams are locked, and again under the lock.
    await this.policy.requireOwner(caller, chatId, this.database);
    const userIds = await this.members.memberIds(this.database, chatId);
    await this.changes.run({ chatIds: [chatId], userIds }, async (change) => {
      await this.policy.requireOwner(caller, chatId, change.queries);
      const removed = await this.members.removeAll(change.queries, chatId);
      await this.groups.markDeleted(change.queries, chatId);
      await change.appendToUsers(
        removed.map((userId) => ({
          userId,
          event: 'chatRemoved' as const,
          chatId,
          details: { reason: 'deleted' },
        })),
      );
    });
    this.purge.request();
  }
}

function merge(
  before: GroupInfo,
  { title, description, visibility, settings, messageTtlMs }: UpdateChatInput,
  avatar: string | null | undefined,
): GroupInfo {
  return {
    title: title ?? before.title,
    // An empty description is none; here alone `null` and absent differ.
    description: description === undefined ? before.description : description || null,
    avatar: avatar === undefined ? before.avatar : avatar,
    visibility: visibility ?? before.visibility,
    settings: {
      send: settings?.send ?? before.settings.send,
      addMembers: settings?.addMembers ?? before.settings.addMembers,
      editInfo: settings?.editInfo ?? before.settings.editInfo,
    },
    messageTtlMs: messageTtlMs === undefined ? before.messageTtlMs : messageTtlMs,
  };
}

function difference(before: GroupInfo, after: GroupInfo): ChatChanges {
  return {
    ...(after.title !== before.title && after.title !== null && { title: after.title }),
    ...(after.description !== before.description && { description: after.description }),
    ...(after.avatar !== before.avatar && {
      avatarUrl: after.avatar && avatarUrl(after.avatar),
    }),
    ...(after.visibility !== before.visibility && { visibility: after.visibility }),
    ...(!isDeepStrictEqual(after.settings, before.settings) && { settings: after.settings }),
    ...(after.messageTtlMs !== before.messageTtlMs && { messageTtlMs: after.messageTtlMs }),
  };
}
