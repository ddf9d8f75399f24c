import type { DeviceId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { UsersTable } from '../database/schema.js';
import { userColumns } from './user-row.js';

const ownUserColumns = [...userColumns, 'seen_privacy', 'group_privacy'] as const;

/** With what only the user himself sees. */
export type OwnUserRow = Pick<Selectable<UsersTable>, (typeof ownUserColumns)[number]>;

export interface NewUser {
  readonly id: UserId;
  readonly username: string;
  readonly displayName: string;
  readonly passwordHash: string;
}

/** Deleted accounts are found by `departing` alone; to all else here they do not exist. */
@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** Makes the account and its stream; `undefined` where the name is taken, in any case. */
  async insert(queries: Queries, user: NewUser): Promise<OwnUserRow | undefined> {
    const row = await queries
      .insertInto('users')
      .values({
        id: user.id,
        username: user.username,
        display_name: user.displayName,
        password_hash: user.passwordHash,
        about: null,
      })
      .onConflict((conflict) =>
        conflict
          .expression(sql`lower(username)`)
          .where('deleted_at', 'is', null)
          .doNothing(),
      )
      .returning(ownUserColumns)
      .executeTakeFirst();
    if (row) await queries.insertInto('user_streams').values({ user_id: row.id }).execute();
    return row;
  }

  findOwn(queries: Queries, id: UserId): Promise<OwnUserRow | undefined> {
    return queries
      .selectFrom('users')
      .select(ownUserColumns)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  }

  /** With what only a login wants: the password hash, and whether the user has logged in with the device before. */
  findForLogin(
    username: string,
    deviceId: DeviceId | undefined,
  ): Promise<(OwnUserRow & { password_hash: string; knows_device: boolean }) | undefined> {
    return this.database
      .selectFrom('users')
      .select([...ownUserColumns, 'password_hash'])
      .select(
        sql<boolean>`exists (
          select from devices where devices.id = ${deviceId ?? null} and devices.user_id = users.id
        )`.as('knows_device'),
      )
      .where(sql`lower(username)`, '=', username.toLowerCase())
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  }

  findCredentials(
    queries: Queries,
    id: UserId,
  ): Promise<{ username: string; password_hash: string } | undefined> {
    return queries
      .selectFrom('users')
      .select(['username', 'password_hash'])
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  }

  async setPasswordHash(queries: Queries, id: UserId, passwordHash: string): Promise<void> {
    await queries
      .updateTable('users')
      .set({ password_hash: passwordHash })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .execute();
  }

  async setProfile(queries: Queries, { id, ...profile }: OwnUserRow): Promise<void> {
    await queries
      .updateTable('users')
      .set({
        display_name: profile.display_name,
        about: profile.about,
        avatar: profile.avatar,
        presence_privacy: profile.presence_privacy,
        seen_privacy: profile.seen_privacy,
        group_privacy: profile.group_privacy,
      })
      .where('id', '=', id)
      .execute();
  }

  /** Those of the ids that stand for a user, in no order. */
  async existing(queries: Queries, ids: readonly UserId[]): Promise<UserId[]> {
    if (ids.length === 0) return [];
    const rows = await queries
      .selectFrom('users')
      .select('id')
      .where(sql<boolean>`id = any (${[...ids]}::uuid[])`)
      .where('deleted_at', 'is', null)
      .execute();
    return rows.map((row) => row.id);
  }

  /** Those of the ids whom everybody may add to a group, and those who let their contacts do so. */
  async existingByGroupPrivacy(
    queries: Queries,
    ids: readonly UserId[],
  ): Promise<{ all: UserId[]; contacts: UserId[] }> {
    if (ids.length === 0) return { all: [], contacts: [] };
    const rows = await queries
      .selectFrom('users')
      .select(['id', 'group_privacy'])
      .where(sql<boolean>`id = any (${[...ids]}::uuid[])`)
      .where('deleted_at', 'is', null)
      .execute();
    const idsOf = (privacy: string) =>
      rows.filter((row) => row.group_privacy === privacy).map((row) => row.id);
    return { all: idsOf('all'), contacts: idsOf('contacts') };
  }

  /** Takes from an account all that its user gave it, and its login; `as` are the names that it has from then on. */
  async erase(
    queries: Queries,
    id: UserId,
    as: { username: string; displayName: string },
  ): Promise<void> {
    await queries
      .updateTable('users')
      .set({
        username: as.username,
        display_name: as.displayName,
        about: null,
        avatar: null,
        password_hash: '',
        presence_privacy: 'nobody',
        last_seen_at: null,
        deleted_at: sql`now()`,
        departs: true,
      })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .execute();
  }

  /** Whom a user blocks, what he starred: what concerned nobody else goes with his account. */
  async eraseOwn(queries: Queries, id: UserId): Promise<void> {
    await queries.deleteFrom('blocks').where('blocker_id', '=', id).execute();
    await queries.deleteFrom('stars').where('user_id', '=', id).execute();
  }

  async retireUsername(queries: Queries, digest: Buffer): Promise<void> {
    await queries.insertInto('retired_usernames').values({ digest }).execute();
  }

  async isRetired(queries: Queries, digest: Buffer): Promise<boolean> {
    const row = await queries
      .selectFrom('retired_usernames')
      .select('digest')
      .where('digest', '=', digest)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Deleted accounts that may still be in groups, with ids above `after`. */
  async departing(after: UserId | undefined, limit: number): Promise<UserId[]> {
    const rows = await this.database
      .selectFrom('users')
      .select('id')
      // Not as a value: the index is of these rows alone.
      .where(sql<boolean>`departs`)
      .$if(after !== undefined, (query) => query.where('id', '>', after ?? null))
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => row.id);
  }

  /** Notes that a deleted account is in no group any more, where its last request ended long ago for sure. */
  async endDeparture(id: UserId, graceSeconds: number): Promise<void> {
    await this.database
      .updateTable('users')
      .set({ departs: false })
      .where('id', '=', id)
      .where('deleted_at', '<', sql<Date>`now() - make_interval(secs => ${graceSeconds})`)
      .execute();
  }
}
