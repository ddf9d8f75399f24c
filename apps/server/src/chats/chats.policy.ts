import type { ChatId, GroupSettings, MemberRole, UpdateChatInput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Actor, Caller } from '../identity/caller.js';
import { Database, type Queries } from '../database/database.js';
import { NatterError } from '../errors/natter-error.js';

/** What a caller is in a chat, with what the chat lets its members do. */
export interface Membership {
  readonly role: MemberRole;
  readonly joinedSeq: number;
  readonly chatType: 'direct' | 'group';
  /** Of a direct chat: whether the caller blocks the other. */
  readonly isBlocking: boolean;
  /** The head of the chat's stream. */
  readonly lastSeq: number;
  readonly addMembers: GroupSettings['addMembers'];
  readonly editInfo: GroupSettings['editInfo'];
}

/**
 * Who may see and change a chat. Every service asks it before it reads or changes anything below a chat, and where it
 * changes something twice: first without a lock, so that strangers hold up nobody, and again under the lock, where the
 * answer is certain.
 */
@Injectable()
export class ChatsPolicy {
  constructor(private readonly database: Database) {}

  /**
   * What a caller must be to see anything of a chat. Inside a transaction that has locked the chat, the answer holds
   * until its end.
   *
   * @throws {NatterError} `NOT_FOUND` for everybody else, the same as for a chat that does not exist: one query
   *   joined with the membership tells neither apart (PRIV-1).
   */
  async requireMember(
    caller: Actor,
    chatId: ChatId,
    queries: Queries = this.database,
  ): Promise<Membership> {
    const row = await queries
      .selectFrom('members as m')
      .innerJoin('chats as c', 'c.id', 'm.chat_id')
      .select(['m.role', 'm.joined_seq', 'c.type', 'c.last_seq'])
      .select(['c.add_members_setting', 'c.edit_info_setting'])
      .select(['c.direct_low', 'c.low_blocks', 'c.high_blocks'])
      .where('m.chat_id', '=', chatId)
      .where('m.user_id', '=', caller.userId)
      .executeTakeFirst();
    if (!row) throw new NatterError('NOT_FOUND');
    return {
      role: row.role,
      joinedSeq: row.joined_seq,
      chatType: row.type,
      isBlocking: row.direct_low === caller.userId ? row.low_blocks : row.high_blocks,
      lastSeq: row.last_seq,
      addMembers: row.add_members_setting,
      editInfo: row.edit_info_setting,
    };
  }

  /**
   * What a caller must be for anything that only groups have.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers, `FORBIDDEN` in a direct chat (CHAT-1).
   */
  async requireGroupMember(caller: Actor, chatId: ChatId, queries: Queries): Promise<Membership> {
    const membership = await this.requireMember(caller, chatId, queries);
    if (membership.chatType === 'direct') {
      throw new NatterError('FORBIDDEN', 'A direct chat has neither roles nor settings');
    }
    return membership;
  }

  /** @throws {NatterError} as `requireGroupMember`, and `FORBIDDEN` to members whom the settings do not let add. */
  async requireAddingMembers(caller: Caller, chatId: ChatId, queries: Queries): Promise<void> {
    const { addMembers, role } = await this.requireGroupMember(caller, chatId, queries);
    if (addMembers === 'admins' && role === 'member') {
      throw new NatterError('FORBIDDEN', 'Only admins add members to this group');
    }
  }

  /**
   * The settings say who edits title, description and timer; settings and visibility are for admins. A direct chat has a
   * timer alone, which both may set.
   *
   * @throws {NatterError} as `requireGroupMember`, and `FORBIDDEN` to members who may not change that.
   */
  async requireEditing(
    caller: Caller,
    chatId: ChatId,
    { messageTtlMs, ...others }: UpdateChatInput,
    queries: Queries,
  ): Promise<void> {
    const { settings, visibility } = others;
    const isTimerAlone = Object.values(others).every((value) => value === undefined);
    const membership = await this.requireMember(caller, chatId, queries);
    const { chatType, editInfo, role, isBlocking } = membership;
    if (chatType === 'direct') {
      if (isBlocking) throw new NatterError('FORBIDDEN', 'You block this user');
      if (messageTtlMs !== undefined && isTimerAlone) return;
      throw new NatterError('FORBIDDEN', 'A direct chat has neither roles nor settings');
    }
    const isForAdmins = editInfo === 'admins' || settings !== undefined || visibility !== undefined;
    if (isForAdmins && role === 'member') {
      throw new NatterError('FORBIDDEN', 'Only admins change this of the group');
    }
  }

  /** @throws {NatterError} as `requireGroupMember`, and `FORBIDDEN` to all but owners. */
  async requireOwner(caller: Caller, chatId: ChatId, queries: Queries): Promise<void> {
    const { role } = await this.requireGroupMember(caller, chatId, queries);
    if (role !== 'owner') throw new NatterError('FORBIDDEN', 'Only owners of the group do this');
  }

  /**
   * Admins remove members, owners everybody.
   *
   * @throws {NatterError} as `requireGroupMember`, `NOT_FOUND` where the other is no member, and `FORBIDDEN`.
   */
  async requireRemoving(
    caller: Caller,
    chatId: ChatId,
    other: MemberRole | undefined,
    queries: Queries,
  ): Promise<void> {
    const { role } = await this.requireGroupMember(caller, chatId, queries);
    if (other === undefined) throw new NatterError('NOT_FOUND');
    const may = role === 'owner' || (role === 'admin' && other === 'member');
    if (!may) throw new NatterError('FORBIDDEN', 'You may not remove this member');
  }
}
