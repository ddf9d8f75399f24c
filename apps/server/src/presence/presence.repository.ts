import type { ChatId, Privacy, UserId } from '@natter/protocol';
import { pageLimits } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import { isMember } from '../streams/lookups.js';

/** A user as others may know him, and the chats whose members are told of him. */
export interface Audience {
  readonly id: UserId;
  readonly username: string;
  readonly display_name: string;
  readonly avatar: string | null;
  readonly presence_privacy: Privacy['presence'];
  readonly chat_ids: readonly ChatId[];
  /** Whom he blocks, and who blocks him (BLOCK-1). */
  readonly blocked_ids: readonly UserId[];
}

@Injectable()
export class PresenceRepository {
  constructor(private readonly database: Database) {}

  /** In one statement. An account that was deleted keeps none. */
  async saveLastSeen(lastSeen: ReadonlyMap<UserId, Date>): Promise<void> {
    if (lastSeen.size === 0) return;
    // In the order of ids, so that no two nodes wait for each other.
    await sql`
      update users u set last_seen_at = greatest(u.last_seen_at, s.at)
      from (
        select l.id, l.at
        from unnest(${[...lastSeen.keys()]}::uuid[], ${[...lastSeen.values()]}::timestamptz[]) as l (id, at)
        join users locked on locked.id = l.id
        order by l.id
        for no key update of locked
      ) s
      where u.id = s.id and u.deleted_at is null and (u.last_seen_at is null or u.last_seen_at < s.at)`.execute(
      this.database,
    );
  }

  /** Whether two users share a chat in which they are told of each other's presence, and whether one blocks the other. */
  async between(one: UserId, other: UserId): Promise<{ told: boolean; blocked: boolean }> {
    const { rows } = await sql<{ told: boolean; blocked: boolean }>`
      select exists (
        select from members a
        join chats c on c.id = a.chat_id
        where a.user_id = ${one} and ${isMember(other, sql.ref('a.chat_id'))} and (c.type = 'direct' or c.member_count <= ${pageLimits.presenceMembers})
      ) as told, exists (
        select from blocks
        where blocker_id = ${one} and blocked_id = ${other} or blocker_id = ${other} and blocked_id = ${one}
      ) as blocked`.execute(this.database);
    return rows[0] ?? { told: false, blocked: false };
  }

  /** Of deleted accounts, too. In no order. */
  async audiences(userIds: readonly UserId[]): Promise<Audience[]> {
    const { rows } = await sql<Audience>`
      select u.id, u.username, u.display_name, u.avatar, u.presence_privacy, array(
        select c.id from members m join chats c on c.id = m.chat_id
        where m.user_id = u.id and (c.type = 'direct' or c.member_count <= ${pageLimits.presenceMembers})
      ) as chat_ids, array(
        select blocked_id from blocks where blocker_id = u.id union select blocker_id from blocks where blocked_id = u.id
      ) as blocked_ids
      from users u where u.id = any (${[...userIds]}::uuid[])`.execute(this.database);
    return rows;
  }
}
