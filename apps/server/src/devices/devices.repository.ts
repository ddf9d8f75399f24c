import type { DeviceId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { DevicesTable } from '../database/schema.js';

export type DeviceRow = Omit<Selectable<DevicesTable>, 'refresh_hash'>;

const deviceColumns = [
  'id',
  'user_id',
  'name',
  'platform',
  'generation',
  'created_at',
  'last_seen_at',
  'revoked_at',
] as const;

export interface DeviceLogin {
  readonly id: DeviceId;
  readonly userId: UserId;
  readonly name: string | undefined;
  readonly platform: string | undefined;
  readonly refreshHash: Buffer;
}

const UNNAMED = 'Unnamed device';

@Injectable()
export class DevicesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Begins a session of a new device, or a new generation of a known one, also of one that was revoked (DEV-1).
   * `undefined` where the id is another user's.
   */
  beginSession(queries: Queries, login: DeviceLogin): Promise<DeviceRow | undefined> {
    return queries
      .insertInto('devices')
      .values({
        id: login.id,
        user_id: login.userId,
        name: login.name ?? UNNAMED,
        platform: login.platform ?? null,
        refresh_hash: login.refreshHash,
      })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({
            generation: sql`devices.generation + 1`,
            name: sql`coalesce(${login.name ?? null}, devices.name)`,
            platform: sql`coalesce(excluded.platform, devices.platform)`,
            refresh_hash: sql`excluded.refresh_hash`,
            last_seen_at: sql`now()`,
            revoked_at: null,
          })
          .whereRef('devices.user_id', '=', 'excluded.user_id'),
      )
      .returning(deviceColumns)
      .executeTakeFirst();
  }

  findById(id: DeviceId): Promise<DeviceRow | undefined> {
    return this.database
      .selectFrom('devices')
      .select(deviceColumns)
      .where('id', '=', id)
      .executeTakeFirst();
  }
}
