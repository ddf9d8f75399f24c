import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { UsersTable } from '../database/schema.js';

export type UserRow = Omit<Selectable<UsersTable>, 'password_hash'>;

export interface NewUser {
  readonly id: UserId;
  readonly username: string;
  readonly displayName: string;
  readonly passwordHash: string;
}

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  /** Makes the account and its stream; `undefined` where the name is taken, in any case. */
  async insert(queries: Queries, user: NewUser): Promise<UserRow | undefined> {
    const row = await queries
      .insertInto('users')
      .values({
        id: user.id,
        username: user.username,
        display_name: user.displayName,
        password_hash: user.passwordHash,
      })
      .onConflict((conflict) => conflict.expression(sql`lower(username)`).doNothing())
      .returning(['id', 'username', 'display_name', 'created_at'])
      .executeTakeFirst();
    if (row) await queries.insertInto('user_streams').values({ user_id: row.id }).execute();
    return row;
  }

  findById(id: UserId): Promise<UserRow | undefined> {
    return this.database
      .selectFrom('users')
      .select(['id', 'username', 'display_name', 'created_at'])
      .where('id', '=', id)
      .executeTakeFirst();
  }

  /** With the password hash, for logging in alone. */
  findByUsername(username: string): Promise<(UserRow & { password_hash: string }) | undefined> {
    return this.database
      .selectFrom('users')
      .select(['id', 'username', 'display_name', 'created_at', 'password_hash'])
      .where(sql`lower(username)`, '=', username.toLowerCase())
      .executeTakeFirst();
  }

  findCredentials(id: UserId): Promise<{ username: string; password_hash: string } | undefined> {
    return this.database
      .selectFrom('users')
      .select(['username', 'password_hash'])
      .where('id', '=', id)
      .executeTakeFirst();
  }

  async setPasswordHash(queries: Queries, id: UserId, passwordHash: string): Promise<void> {
    await queries
      .updateTable('users')
      .set({ password_hash: passwordHash })
      .where('id', '=', id)
      .execute();
  }

  /** Those of the ids that stand for a user, in no order. */
  async existing(queries: Queries, ids: readonly UserId[]): Promise<UserId[]> {
    if (ids.length === 0) return [];
    const rows = await queries.selectFrom('users').select('id').where('id', 'in', ids).execute();
    return rows.map((row) => row.id);
  }
}
