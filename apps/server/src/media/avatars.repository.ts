import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '../database/database.js';
import type { AvatarsTable } from '../database/schema.js';

export type AvatarRow = Pick<Selectable<AvatarsTable>, 'name' | 'mime_type' | 'size'>;

@Injectable()
export class AvatarsRepository {
  constructor(private readonly database: Database) {}

  async insert(avatar: AvatarRow): Promise<void> {
    await this.database.insertInto('avatars').values(avatar).execute();
  }

  find(name: string): Promise<AvatarRow | undefined> {
    return this.database
      .selectFrom('avatars')
      .select(['name', 'mime_type', 'size'])
      .where('name', '=', name)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  }

  /** For one that nobody came to have; one that somebody had goes with the row that named it. */
  async giveUp(name: string): Promise<void> {
    await this.database
      .updateTable('avatars')
      .set({ deleted_at: sql`clock_timestamp()` })
      .where('name', '=', name)
      .execute();
  }

  /** The same of all that nobody came to have before a process ended; resolves with how many there were. */
  async giveUpUnused(before: Date): Promise<number> {
    const { numAffectedRows } = await sql`
      update avatars a set deleted_at = clock_timestamp()
      where a.deleted_at is null and a.created_at < ${before}
        and not exists (select from users u where u.avatar = a.name)
        and not exists (select from chats c where c.avatar = a.name)`.execute(this.database);
    return Number(numAffectedRows ?? 0);
  }

  /** Those that are in no answer any more and whose bytes may still be there. */
  async deleted(limit: number): Promise<string[]> {
    const rows = await this.database
      .selectFrom('avatars')
      .select('name')
      .where('deleted_at', 'is not', null)
      .limit(limit)
      .execute();
    return rows.map(({ name }) => name);
  }

  async forget(name: string): Promise<void> {
    await this.database.deleteFrom('avatars').where('name', '=', name).execute();
  }

  /** Those of the names that stand for an avatar, also for one whose bytes are to go. */
  async known(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const rows = await this.database
      .selectFrom('avatars')
      .select('name')
      .where('name', 'in', names)
      .execute();
    return rows.map(({ name }) => name);
  }
}
