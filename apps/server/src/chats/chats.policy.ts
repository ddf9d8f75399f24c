import type { ChatId, MemberRole } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { Database, type Queries } from '../database/database.js';
import { NatterError } from '../errors/natter-error.js';

/** What a caller is in a chat, with what the chat lets its members do. */
export interface Membership {
  readonly role: MemberRole;
  readonly joinedSeq: number;
  readonly chatType: 'direct' | 'group';
  readonly addMembers: 'all' | 'admins';
}

/** Who may see and change a chat. Every service asks it before it reads or changes anything below a chat. */
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
    caller: Caller,
    chatId: ChatId,
    queries: Queries = this.database,
  ): Promise<Membership> {
    const row = await queries
      .selectFrom('members as m')
      .innerJoin('chats as c', 'c.id', 'm.chat_id')
      .select(['m.role', 'm.joined_seq', 'c.type', 'c.add_members_setting'])
      .where('m.chat_id', '=', chatId)
      .where('m.user_id', '=', caller.userId)
      .executeTakeFirst();
    if (!row) throw new NatterError('NOT_FOUND');
    return {
      role: row.role,
      joinedSeq: row.joined_seq,
      chatType: row.type,
      addMembers: row.add_members_setting,
    };
  }

  /** @throws {NatterError} `NOT_FOUND` to strangers, `FORBIDDEN` to members whom the settings do not let (CHAT-2). */
  async requireAddingMembers(caller: Caller, chatId: ChatId, queries: Queries): Promise<void> {
    const membership = await this.requireMember(caller, chatId, queries);
    if (membership.chatType === 'direct') {
      throw new NatterError('FORBIDDEN', 'Nobody can be added to a direct chat');
    }
    if (membership.addMembers === 'admins' && membership.role === 'member') {
      throw new NatterError('FORBIDDEN', 'Only admins add members to this group');
    }
  }

  /** @throws {NatterError} `NOT_FOUND` to strangers, `FORBIDDEN` in a direct chat (CHAT-1). */
  async requireLeaving(caller: Caller, chatId: ChatId, queries: Queries): Promise<Membership> {
    const membership = await this.requireMember(caller, chatId, queries);
    if (membership.chatType === 'direct')
      throw new NatterError('FORBIDDEN', 'A direct chat cannot be left');
    return membership;
  }
}
