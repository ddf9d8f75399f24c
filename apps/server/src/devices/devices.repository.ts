import type { DeviceId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { GatheredReads } from '../database/gathered-reads.js';
import type { DevicesTable } from '../database/schema.js';
import type { SessionProof } from '../identity/caller.js';
import type { CommittedUserEvent } from '../streams/commit.js';
import { LOCK_TIMEOUT_MS } from '../streams/lock-timeout.js';

export type DeviceRow = Selectable<DevicesTable>;

/** With whether it has a push subscription. */
export type ListedDeviceRow = DeviceRow & { readonly push_enabled: boolean };

const PUSH_ENABLED = sql<boolean>`exists (
  select from push_subscriptions p where p.device_id = devices.id
)`.as('push_enabled');

export interface DeviceLogin {
  readonly id: DeviceId;
  readonly userId: UserId;
  readonly name: string | undefined;
  readonly platform: string | undefined;
  readonly nonce: Buffer;
}

const UNNAMED = 'Unnamed device';

/** What a login appended to the user's own stream. */
type SessionEvent = Pick<CommittedUserEvent, 'userSeq' | 'event' | 'details'>;

interface BeginningRow {
  outcome: Beginning['outcome'];
  events: SessionEvent[];
}

/** `changed`: the password is another by now, or the account is deleted. `foreign`: the device is another user's. */
export type Beginning =
  | {
      readonly outcome: 'begun';
      readonly device: DeviceRow;
      readonly events: readonly SessionEvent[];
    }
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'foreign' };

@Injectable()
export class DevicesRepository {
  private readonly rows = new GatheredReads((ids: readonly DeviceId[]) => this.findAll(ids));

  constructor(private readonly database: Database) {}

  /** The session of a new account; `undefined` where the id is another user's. */
  insertFirst(queries: Queries, login: DeviceLogin): Promise<DeviceRow | undefined> {
    return queries
      .insertInto('devices')
      .values({
        id: login.id,
        user_id: login.userId,
        name: login.name ?? UNNAMED,
        platform: login.platform ?? null,
        refresh_nonce: login.nonce,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .executeTakeFirst();
  }

  /**
   * Begins a session of a new device, or a new generation of a known one, also of one that was revoked (DEV-1), and
   * revokes the live devices unused longest where the user has more others than `otherDevices`. One statement, which
   * commits by itself.
   *
   * @param passwordHash What the login was verified against.
   */
  async beginSession(
    login: DeviceLogin,
    passwordHash: string,
    otherDevices: number,
  ): Promise<Beginning> {
    const { rows } = await sql<DeviceRow & BeginningRow>`
      select outcome, events, (device).* from begin_session(
        ${login.userId}, ${passwordHash}, ${login.id}, ${login.name ?? null}, ${UNNAMED}, ${login.platform ?? null},
        ${login.nonce}, ${otherDevices}, ${LOCK_TIMEOUT_MS}
      )`.execute(this.database);
    const [row] = rows;
    if (!row) throw new Error('Unable to read the outcome of a login; the database gave none');
    const { outcome, events, ...device } = row;
    return outcome === 'begun' ? { outcome, device, events } : { outcome };
  }

  /** Each request and each connection asks for its device, so those of one moment are read together. */
  findById(id: DeviceId, queries?: Queries): Promise<DeviceRow | undefined> {
    if (!queries) return this.rows.get(id);
    return queries.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirst();
  }

  private async findAll(ids: readonly DeviceId[]): Promise<(DeviceRow | undefined)[]> {
    const { rows } = await sql<DeviceRow>`
      select * from devices where id = any(${[...ids]}::uuid[])`.execute(this.database);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id));
  }

  /** The user's devices whose sessions live, the most recently used first. */
  listLive(queries: Queries, userId: UserId): Promise<ListedDeviceRow[]> {
    return queries
      .selectFrom('devices')
      .selectAll()
      .select(PUSH_ENABLED)
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .orderBy('last_seen_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
  }

  /** Those of the devices that are the user's, also revoked ones, in no order. */
  listOwn(userId: UserId, ids: readonly DeviceId[]): Promise<ListedDeviceRow[]> {
    return this.database
      .selectFrom('devices')
      .selectAll()
      .select(PUSH_ENABLED)
      .where('user_id', '=', userId)
      .where(sql<boolean>`id = any (${[...ids]}::uuid[])`)
      .execute();
  }

  rename(userId: UserId, id: DeviceId, name: string): Promise<ListedDeviceRow | undefined> {
    return this.database
      .updateTable('devices')
      .set({ name })
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .returningAll()
      .returning(PUSH_ENABLED)
      .executeTakeFirst();
  }

  /** Ends the live sessions among the devices; resolves with those it ended. */
  revoke(
    queries: Queries,
    userId: UserId,
    ids: readonly DeviceId[],
    generation?: number,
  ): Promise<DeviceRow[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return queries
      .updateTable('devices')
      .set({ revoked_at: sql`now()` })
      .where('user_id', '=', userId)
      .where('id', 'in', [...ids])
      .where('revoked_at', 'is', null)
      .$if(generation !== undefined, (query) => query.where('generation', '=', generation ?? 0))
      .returningAll()
      .execute();
  }

  /** Takes from the user's devices, also those revoked long ago, what he called them. */
  async eraseNames(queries: Queries, userId: UserId): Promise<void> {
    await queries
      .updateTable('devices')
      .set({ name: '', platform: null })
      .where('user_id', '=', userId)
      .execute();
  }

  /** Moves a live session to its next refresh token; `undefined` where it is not at `counter`. */
  advance(id: DeviceId, generation: number, counter: number): Promise<DeviceRow | undefined> {
    return this.database
      .updateTable('devices')
      .set({ refresh_counter: counter + 1, refresh_confirmed: false, last_seen_at: sql`now()` })
      .where('id', '=', id)
      .where('generation', '=', generation)
      .where('refresh_counter', '=', counter)
      .where('revoked_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
  }

  /**
   * Notes that the session is in use, and that its newest tokens have come through where `rotation` says so. Says
   * whether the session still lives: the update may have waited for its revocation.
   */
  async noteUse(
    id: DeviceId,
    { generation, rotation }: SessionProof,
    queries: Queries = this.database,
  ): Promise<boolean> {
    const { numUpdatedRows } = await queries
      .updateTable('devices')
      .set({
        last_seen_at: sql`now()`,
        refresh_confirmed: sql`refresh_confirmed or refresh_counter = ${rotation}`,
      })
      .where('id', '=', id)
      .where('generation', '=', generation)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /**
   * Notes until when devices were in use, where that is later than what is known. A device that somebody else has locked is
   * left out: he notes its use himself, or revokes it.
   */
  async noteUses(lastUses: ReadonlyMap<DeviceId, Date>): Promise<void> {
    await sql`
      update devices d set last_seen_at = s.at
      from (
        select l.id, l.at
        from unnest(${[...lastUses.keys()]}::uuid[], ${[...lastUses.values()]}::timestamptz[]) as l (id, at)
        join devices free on free.id = l.id
        where free.revoked_at is null and free.last_seen_at < l.at
        for no key update of free skip locked
      ) s
      where d.id = s.id`.execute(this.database);
  }
}
