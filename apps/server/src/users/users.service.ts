import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DeviceId, UpdateProfileInput, User, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { Database, type Queries } from '../database/database.js';
import { Installation } from '../database/installation.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { AvatarsService } from '../media/avatars.service.js';
import { PresenceService } from '../presence/presence.service.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { BlocksRepository } from './blocks.repository.js';
import { DirectoryRepository } from './directory.repository.js';
import {
  changedProfile,
  type SeenPresence,
  toOwnUser,
  toUser as toWireUser,
} from './users.mapper.js';
import type { UserRow } from './user-row.js';
import { type NewUser, type OwnUserRow, UsersRepository } from './users.repository.js';

const DELETED_DISPLAY_NAME = 'Deleted user';

/** What a deleted account is called. The last digits of an id are random, the first ones only tell the time. */
function deletedUsername(id: UserId): string {
  return `deleted-${id.slice(-8)}`;
}

@Injectable()
export class UsersService {
  constructor(
    private readonly installation: Installation,
    private readonly database: Database,
    private readonly users: UsersRepository,
    private readonly directory: DirectoryRepository,
    private readonly blocks: BlocksRepository,
    private readonly presence: PresenceService,
    private readonly changes: StreamChanges,
    private readonly avatars: AvatarsService,
  ) {}

  /** The caller as he sees himself. */
  async own(caller: Caller): Promise<User> {
    const user = await this.findOwn(caller.userId);
    if (!user) throw new NatterError('NOT_FOUND');
    return user;
  }

  /** A user as he sees himself; `undefined` where the account is deleted. */
  async findOwn(id: UserId): Promise<User | undefined> {
    const row = await this.users.findOwn(this.database, id);
    return row && this.toOwnUser(row);
  }

  /** @throws {NatterError} `NOT_FOUND` where there is no such user, also where he deleted his account. */
  async get(caller: Caller, id: UserId): Promise<User> {
    const [user] = await this.seenBy(caller.userId, await this.directory.findByIds([id]));
    if (!user) throw new NatterError('NOT_FOUND');
    return user;
  }

  /** Whether a user lets others know what he has seen (RCPT-1). */
  async showsSeen(id: UserId): Promise<boolean> {
    const row = await this.users.findOwn(this.database, id);
    return row?.seen_privacy ?? true;
  }

  /** Changes the caller's profile, tells his devices and who sees it; does nothing where it is so already. */
  update(caller: Caller, input: UpdateProfileInput): Promise<User> {
    return this.avatars.withAvatar(caller, input.avatarMediaId, (avatar) =>
      this.updateWith(caller, input, avatar),
    );
  }

  private async updateWith(
    { userId }: Caller,
    input: UpdateProfileInput,
    avatar: string | null | undefined,
  ): Promise<User> {
    const { before, after } = await this.changes.run({ userIds: [userId] }, async (change) => {
      const before = await this.users.findOwn(change.queries, userId);
      if (!before) throw new NatterError('NOT_FOUND');
      const after = changedProfile(before, input, avatar);
      if (isDeepStrictEqual(before, after)) return { before, after };
      await this.users.setProfile(change.queries, after);
      await change.appendToUser({ userId, event: 'profileChanged' });
      return { before, after };
    });
    const renamed = after.display_name !== before.display_name || after.avatar !== before.avatar;
    if (renamed || after.presence_privacy !== before.presence_privacy) {
      void this.presence.refresh(userId, { renamed });
    }
    return this.toOwnUser(after);
  }

  /** @throws {NatterError} `CONFLICT` where the name is taken, in any case, or was a deleted account's. */
  async create(queries: Queries, user: NewUser): Promise<User> {
    const row = await this.users.insert(queries, user);
    // Only after the insert, which waits for a deletion that is giving the name up at this moment.
    if (!row || (await this.users.isRetired(queries, this.digestOf(user.username)))) {
      throw new NatterError('CONFLICT', 'This username is taken');
    }
    return this.toOwnUser(row);
  }

  /**
   * Takes the account's names, profile and login away; what he wrote is from then on a deleted user's. His streams must
   * be locked. Another transaction has to end his memberships.
   */
  async erase(queries: Queries, id: UserId): Promise<void> {
    const credentials = await this.users.findCredentials(queries, id);
    if (!credentials) throw new NatterError('NOT_FOUND');
    await this.users.eraseOwn(queries, id);
    await this.users.retireUsername(queries, this.digestOf(credentials.username));
    await this.users.erase(queries, id, {
      username: deletedUsername(id),
      displayName: DELETED_DISPLAY_NAME,
    });
  }

  /** Tells those who know a deleted account. Resolves when that is done, and his memberships are not needed any more. */
  tellOfErasure(id: UserId): Promise<void> {
    return this.presence.refresh(id, { renamed: true });
  }

  /** Deleted accounts that may still be in groups, with ids above `after`, ascending. */
  departing(after: UserId | undefined, limit: number): Promise<UserId[]> {
    return this.users.departing(after, limit);
  }

  endDeparture(id: UserId, graceSeconds: number): Promise<void> {
    return this.users.endDeparture(id, graceSeconds);
  }

  /** Whose name it is, and whether he has logged in with the device before, also where it was revoked since. */
  async findForLogin(
    username: string,
    deviceId: DeviceId | undefined,
  ): Promise<{ user: User; passwordHash: string; knowsDevice: boolean } | undefined> {
    const row = await this.users.findForLogin(username, deviceId);
    if (!row) return undefined;
    const { password_hash: passwordHash, knows_device: knowsDevice, ...user } = row;
    return { user: this.toOwnUser(user), passwordHash, knowsDevice };
  }

  /** What a user proves himself with; `undefined` where the account is deleted. */
  async credentials(
    id: UserId,
    queries: Queries = this.database,
  ): Promise<{ username: string; passwordHash: string } | undefined> {
    const row = await this.users.findCredentials(queries, id);
    return row && { username: row.username, passwordHash: row.password_hash };
  }

  setPasswordHash(queries: Queries, id: UserId, passwordHash: string): Promise<void> {
    return this.users.setPasswordHash(queries, id, passwordHash);
  }

  existing(queries: Queries, ids: readonly UserId[]): Promise<UserId[]> {
    return this.users.existing(queries, ids);
  }

  /**
   * Those of the ids that stand for a user whom the actor may add to a group: by that user's privacy, and neither
   * blocks the other. In no order.
   */
  async addable(queries: Queries, actorId: UserId, ids: readonly UserId[]): Promise<UserId[]> {
    const blocked = new Set(await this.blocks.around(actorId, queries));
    const others = ids.filter((id) => !blocked.has(id));
    const { all, contacts } = await this.users.existingByGroupPrivacy(queries, others);
    return [...all, ...(await this.directory.contactsAmong(queries, actorId, contacts))];
  }

  /** The rows as this reader may see them, in their order. */
  async seenBy(reader: UserId, rows: readonly UserRow[]): Promise<User[]> {
    // Of all others there is nothing to hide.
    const showable = rows.filter((row) => this.presence.isOnline(row.id) || row.last_seen_at);
    const others = showable.map((row) => row.id).filter((id) => id !== reader);
    const contacts = new Set(await this.directory.contactsAmong(this.database, reader, others));
    const toUser = await this.asContactOf(reader);
    return rows.map((row) => {
      const isKnown = row.id === reader || contacts.has(row.id);
      return isKnown ? toUser(row) : toWireUser(row, 'hidden');
    });
  }

  /** How users who share a chat with this reader look to him now, and how he looks to himself. */
  async asContactOf(reader: UserId): Promise<(row: UserRow) => User> {
    const blocked = new Set(await this.blocks.around(reader));
    return (row) => {
      const isHidden = row.presence_privacy === 'nobody' || blocked.has(row.id);
      const presence = isHidden && row.id !== reader ? 'hidden' : this.presenceOf(row.id);
      return toWireUser(row, presence);
    };
  }

  /** Everybody whom the user blocks, and everybody who blocks him (BLOCK-1). */
  blockedAround(userId: UserId): Promise<UserId[]> {
    return this.blocks.around(userId);
  }

  /** Has the direct chat of two users, which is new, hold whether they block each other. */
  noteBlocks(queries: Queries, one: UserId, other: UserId): Promise<void> {
    return this.blocks.noteInDirectChat(queries, one, other);
  }

  private presenceOf(id: UserId): SeenPresence {
    return this.presence.isOnline(id) ? 'online' : 'offline';
  }

  private toOwnUser(row: OwnUserRow): User {
    return toOwnUser(row, this.presenceOf(row.id));
  }

  /** By which a username is recognized that nobody gets again. */
  private digestOf(username: string): Buffer {
    return createHmac('sha256', this.installation.secret)
      .update(`username:${username.toLowerCase()}`)
      .digest();
  }
}
