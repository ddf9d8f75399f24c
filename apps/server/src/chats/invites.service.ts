import type { ChatId, InvitedChat } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { avatarUrl } from '../streams/message-row.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { ChatsPolicy } from './chats.policy.js';
import { GroupsRepository } from './groups.repository.js';
import { hashOfInvite, newInviteCode } from './invite-code.js';

/** Invites: a group has one at a time, and whoever may add members may make and end it (CHAT-3). */
@Injectable()
export class InvitesService {
  constructor(
    private readonly policy: ChatsPolicy,
    private readonly groups: GroupsRepository,
    private readonly changes: StreamChanges,
  ) {}

  /** Makes a new invite; the one before it ends. Its code is shown here and never again. */
  async create(caller: Caller, chatId: ChatId): Promise<string> {
    const code = newInviteCode();
    await this.setInvite(caller, chatId, hashOfInvite(code));
    return code;
  }

  end(caller: Caller, chatId: ChatId): Promise<void> {
    return this.setInvite(caller, chatId, null);
  }

  /** @throws {NatterError} `NOT_FOUND` for every code that is not the invite of a group now. */
  async find(code: string): Promise<InvitedChat> {
    const group = await this.groups.findByInvite(hashOfInvite(code));
    if (!group) throw new NatterError('NOT_FOUND');
    return {
      chatId: group.id,
      title: group.title ?? '',
      ...(group.avatar !== null && { avatarUrl: avatarUrl(group.avatar) }),
      memberCount: group.member_count,
    };
  }

  private async setInvite(caller: Caller, chatId: ChatId, hash: Buffer | null): Promise<void> {
    await this.policy.requireMember(caller, chatId);
    await this.changes.run({ chatIds: [chatId] }, async (change) => {
      await this.policy.requireAddingMembers(caller, chatId, change.queries);
      await this.groups.setInvite(change.queries, chatId, hash);
    });
  }
}
