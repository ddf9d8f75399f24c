import {
  type ChatId,
  type Member,
  type MemberRole,
  MessageId,
  type System,
  UserId,
} from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import type { Actor, Caller } from '../identity/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { Cursors } from '../cursors/cursors.js';
import { Database, type Queries } from '../database/database.js';
import { newId } from '../database/new-id.js';
import { NatterError } from '../errors/natter-error.js';
import type { RemovalDetails } from '../streams/commit.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import { UsersService } from '../users/users.service.js';
import { toMember } from './chats.mapper.js';
import type { MemberRow } from './member-rows.js';
import { ChatsPolicy } from './chats.policy.js';
import { requireRoom } from './group-size.js';
import { GroupsRepository } from './groups.repository.js';
import { hashOfInvite } from './invite-code.js';
import { type JoinableGroup, MembersRepository } from './members.repository.js';

const MembersPosition = z.object({ joinedSeq: z.int(), userId: UserId });

/** Who is in a group. Every change holds the group's lock, so that rights and counts are those of that moment. */
@Injectable()
export class MembersService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly policy: ChatsPolicy,
    private readonly members: MembersRepository,
    private readonly groups: GroupsRepository,
    private readonly users: UsersService,
    private readonly changes: StreamChanges,
    private readonly cursors: Cursors,
  ) {}

  /** What a user is in a chat; `undefined` where he is no member. */
  roleOf(chatId: ChatId, userId: UserId, queries: Queries): Promise<MemberRole | undefined> {
    return this.members.roleOf(queries, chatId, userId);
  }

  /** Members in the order in which they joined. */
  async list(
    caller: Caller,
    chatId: ChatId,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ): Promise<{ items: Member[]; nextCursor?: string }> {
    await this.policy.requireMember(caller, chatId);
    const cursors = this.cursors.of('members', caller.userId, MembersPosition, chatId);
    const rows = await this.members.list(chatId, cursors.open(cursor), limit + 1);
    const { shown, next } = cursors.page(rows, limit, (row) => ({
      joinedSeq: row.joined_seq,
      userId: row.id,
    }));
    return { items: await this.shownTo(caller, shown), ...next };
  }

  /**
   * Makes the caller a member of a public group, or of one to which he has an invite; does nothing for one who is
   * already.
   *
   * @throws {NatterError} `NOT_FOUND` where the chat does not exist or is not open to him, `TOO_LARGE` where it is full.
   */
  async enter(caller: Caller, chatId: ChatId, inviteCode?: string): Promise<void> {
    const { userId } = caller;
    // Most who enter are members, or come to nothing: neither is worth the lock.
    if (await this.members.isMember(this.database, chatId, userId)) return;
    const before = await this.members.findGroup(this.database, chatId);
    if (!isOpen(before, inviteCode)) throw new NatterError('NOT_FOUND');
    await this.changes.run({ chatIds: [chatId], userIds: [userId] }, async (change) => {
      if (await this.members.isMember(change.queries, chatId, userId)) return;
      const group = await this.members.findGroup(change.queries, chatId);
      if (!isOpen(group, inviteCode)) throw new NatterError('NOT_FOUND');
      await this.addToGroup(change, chatId, [userId], caller, {
        type: 'memberJoined',
        userIds: [userId],
      });
    });
  }

  /** Adds users to a group. Those who do not exist or are in it already are left out silently (CHAT-3). */
  async add(caller: Caller, chatId: ChatId, userIds: readonly UserId[]): Promise<Member[]> {
    await this.policy.requireMember(caller, chatId);
    requireRoom(this.config.limits, userIds.length);
    const added = await this.changes.run({ chatIds: [chatId], userIds }, async (change) => {
      await this.policy.requireAddingMembers(caller, chatId, change.queries);
      const known = await this.users.addable(change.queries, caller.userId, userIds);
      const present = new Set(await this.members.present(change.queries, chatId, known));
      const fresh = known.filter((id) => !present.has(id));
      if (fresh.length > 0) {
        await this.addToGroup(change, chatId, fresh, caller, {
          type: 'membersAdded',
          userIds: fresh,
        });
      }
      return fresh;
    });
    const rows = await this.members.read(chatId, added);
    return this.shownTo(caller, rows);
  }

  /** Ends the caller's membership. Resolves with the `userSeq` of his `chatRemoved`. */
  async leave(caller: Actor, chatId: ChatId): Promise<number> {
    const { userId } = caller;
    await this.policy.requireMember(caller, chatId);
    return this.changes.run({ chatIds: [chatId], userIds: [userId] }, async (change) => {
      const { role } = await this.policy.requireGroupMember(caller, chatId, change.queries);
      await this.tell(change, chatId, caller, { type: 'memberLeft', userIds: [userId] });
      if (role === 'owner') await this.handOver(change, chatId, caller);
      return this.endMembership(change, chatId, userId, 'left');
    });
  }

  /** Removes another member; oneself, leaves. */
  async remove(caller: Caller, chatId: ChatId, userId: UserId): Promise<void> {
    if (userId === caller.userId) {
      await this.leave(caller, chatId);
      return;
    }
    await this.policy.requireMember(caller, chatId);
    await this.changes.run({ chatIds: [chatId], userIds: [userId] }, async (change) => {
      const role = await this.members.roleOf(change.queries, chatId, userId);
      await this.policy.requireRemoving(caller, chatId, role, change.queries);
      await this.tell(change, chatId, caller, { type: 'memberRemoved', userIds: [userId] });
      await this.endMembership(change, chatId, userId, 'removed');
    });
  }

  /** Gives a member a role; the one that he has makes no entry. The last owner keeps his (CHAT-2). */
  async changeRole(
    caller: Caller,
    chatId: ChatId,
    userId: UserId,
    role: MemberRole,
  ): Promise<Member> {
    await this.policy.requireMember(caller, chatId);
    await this.changes.run({ chatIds: [chatId] }, async (change) => {
      await this.policy.requireOwner(caller, chatId, change.queries);
      const before = await this.members.roleOf(change.queries, chatId, userId);
      if (before === undefined) throw new NatterError('NOT_FOUND');
      if (before === role) return;
      if (before === 'owner' && (await this.members.countOwners(change.queries, chatId)) === 1) {
        throw new NatterError('FORBIDDEN', 'The last owner makes somebody else owner first');
      }
      await this.members.setRole(change.queries, chatId, userId, role);
      await this.tell(change, chatId, caller, { type: 'roleChanged', userIds: [userId], role });
    });
    const [member] = await this.shownTo(caller, await this.members.read(chatId, [userId]));
    if (!member) throw new NatterError('NOT_FOUND');
    return member;
  }

  private async shownTo(caller: Caller, rows: readonly MemberRow[]): Promise<Member[]> {
    const showsSeen = await this.users.showsSeen(caller.userId);
    const reader = { id: caller.userId, showsSeen };
    const toUser = await this.users.asContactOf(caller.userId);
    return rows.map((row) => toMember(row, reader, toUser));
  }

  /** Resolves with the `userSeq` of the `chatRemoved`. */
  private async endMembership(
    change: StreamChange,
    chatId: ChatId,
    userId: UserId,
    reason: z.output<typeof RemovalDetails>['reason'],
  ): Promise<number> {
    await this.members.remove(change.queries, chatId, userId);
    const left = await this.members.changeCount(change.queries, chatId, -1);
    // Nobody could ever own it again.
    if (left === 0) await this.groups.markDeleted(change.queries, chatId);
    return change.appendToUser({ userId, event: 'chatRemoved', chatId, details: { reason } });
  }

  private async addToGroup(
    change: StreamChange,
    chatId: ChatId,
    userIds: readonly UserId[],
    actor: Actor,
    system: System,
  ): Promise<void> {
    const group = await this.members.findGroup(change.queries, chatId);
    if (!group) throw new NatterError('NOT_FOUND');
    requireRoom(this.config.limits, group.member_count + userIds.length);
    const role: MemberRole = 'member';
    await this.members.insert(
      change.queries,
      {
        chatId,
        joinedSeq: group.last_seq + 1,
        lastSeq: group.last_seq,
        lastOrdinal: group.last_ordinal,
      },
      userIds.map((userId) => ({ userId, role })),
    );
    await this.members.changeCount(change.queries, chatId, userIds.length);
    await this.tell(change, chatId, actor, system);
    const details = { afterSeq: group.last_seq + 1 };
    await change.appendToUsers(
      userIds.map((userId) => ({ userId, event: 'chatAdded', chatId, details })),
    );
  }

  /** Where nobody else is owner, somebody becomes it; said while the leaving actor is still a member. */
  private async handOver(change: StreamChange, chatId: ChatId, leaving: Actor): Promise<void> {
    const successor = await this.members.successor(change.queries, chatId, leaving.userId);
    if (successor === undefined) return;
    await this.members.setRole(change.queries, chatId, successor, 'owner');
    await this.tell(change, chatId, leaving, {
      type: 'roleChanged',
      userIds: [successor],
      role: 'owner',
    });
  }

  private async tell(
    change: StreamChange,
    chatId: ChatId,
    actor: Actor,
    system: System,
  ): Promise<void> {
    await change.append({
      id: newId(MessageId),
      chatId,
      kind: 'system',
      senderId: actor.userId,
      system,
    });
  }
}

function isOpen(group: JoinableGroup | undefined, inviteCode: string | undefined): boolean {
  if (!group) return false;
  if (group.visibility === 'public') return true;
  return inviteCode !== undefined && group.invite_hash?.equals(hashOfInvite(inviteCode)) === true;
}
