import { randomBytes } from 'node:crypto';
import { type Device, DeviceId, type UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Database, type Queries } from '../database/database.js';
import { newId } from '../database/new-id.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import { toDevice } from './devices.mapper.js';
import { type DeviceRow, DevicesRepository } from './devices.repository.js';
import { RefreshTokens } from './refresh-tokens.js';

const NONCE_BYTES = 32;
/** How exactly `lastSeenAt` of a device is kept: writing it at every request would be a write per read. */
const LAST_SEEN_PRECISION_MS = 60_000;

/** The device of a login, as the client describes it. */
export interface DeviceDescription {
  readonly id?: DeviceId | undefined;
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
}

/** A live session with the refresh token that is its newest. */
export interface DeviceSession {
  readonly userId: UserId;
  readonly device: Device;
  readonly generation: number;
  readonly rotation: number;
  readonly refreshToken: string;
}

/** Devices and their sessions. A device has one session at a time; a later login of it begins another generation. */
@Injectable()
export class DevicesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly devices: DevicesRepository,
    private readonly refreshTokens: RefreshTokens,
    private readonly changes: StreamChanges,
  ) {}

  /** The session of the device that registers: nobody has to be told of it. */
  async beginFirst(
    queries: Queries,
    userId: UserId,
    description: DeviceDescription = {},
  ): Promise<DeviceSession> {
    return this.toSession(await this.insertSession(queries, userId, description));
  }

  /**
   * The session of a login. The user's other devices are told, the sockets of the device's session before are cut, and
   * where the user has too many devices the one unused longest is revoked.
   *
   * @param requireAllowed Asked once the user's stream is locked; what it throws undoes the login.
   * @throws {NatterError} `FORBIDDEN` where the device id is another user's.
   */
  begin(
    userId: UserId,
    description: DeviceDescription | undefined,
    requireAllowed: (queries: Queries) => Promise<void>,
  ): Promise<DeviceSession> {
    return this.changes.run({ userIds: [userId] }, async (change) => {
      await requireAllowed(change.queries);
      const row = await this.insertSession(change.queries, userId, description ?? {});
      const { id: deviceId, generation } = row;
      await change.appendToUsers([
        { userId, event: 'deviceAdded', details: { deviceId, generation } },
      ]);
      const live = await this.devices.listLive(change.queries, userId);
      const surplus = live
        .filter((device) => device.id !== deviceId)
        .slice(this.config.limits.userDevices - 1);
      await this.revokeIn(
        change,
        userId,
        surplus.map((device) => device.id),
      );
      return this.toSession(row);
    });
  }

  /**
   * Exchanges a refresh token for its successor; the same one again, for as long as the successor is unused (AUTH-2).
   *
   * @throws {NatterError} `UNAUTHENTICATED` where it is none of ours; `DEVICE_REVOKED` where its session has ended, or
   *   ends now because an old token was used again.
   */
  async refresh(token: string): Promise<DeviceSession> {
    const claim = this.refreshTokens.read(token);
    const before = claim && (await this.devices.findById(claim.deviceId));
    // Before anything is said about the session: a forged token learns nothing of it.
    if (!claim || !before || !this.refreshTokens.isGenuine(token, claim, before.refresh_nonce)) {
      throw new NatterError('UNAUTHENTICATED', 'The refresh token is not valid');
    }
    if (claim.generation !== before.generation || before.revoked_at !== null) {
      throw new NatterError('DEVICE_REVOKED');
    }
    const advanced = await this.devices.advance(claim.deviceId, claim.generation, claim.counter);
    if (advanced) return this.toSession(advanced);
    const now = await this.devices.findById(claim.deviceId);
    if (now?.generation === claim.generation && now.revoked_at === null) {
      const isLatest = now.refresh_counter === claim.counter + 1;
      if (isLatest && !now.refresh_confirmed) return this.toSession(now);
      await this.revoke(before.user_id, claim.deviceId, claim.generation);
    }
    throw new NatterError('DEVICE_REVOKED');
  }

  /** @throws {NatterError} `DEVICE_REVOKED` where that session of the device has ended. */
  async requireSession(
    { userId, deviceId, session }: Caller,
    queries: Queries = this.database,
  ): Promise<void> {
    const row = await this.devices.findById(deviceId, queries);
    if (
      row?.user_id !== userId ||
      row.generation !== session.generation ||
      row.revoked_at !== null
    ) {
      throw new NatterError('DEVICE_REVOKED');
    }
    const confirms = !row.refresh_confirmed && row.refresh_counter === session.rotation;
    if (confirms || Date.now() - row.last_seen_at.getTime() > LAST_SEEN_PRECISION_MS) {
      const lives = await this.devices.noteUse(deviceId, session, queries);
      if (!lives) throw new NatterError('DEVICE_REVOKED');
    }
  }

  /** The caller's live devices, the most recently used first. */
  list(caller: Caller): Promise<Device[]> {
    return this.live(caller.userId, caller.deviceId);
  }

  /** A user's live devices, the most recently used first, as one of them sees them or as none. */
  async live(userId: UserId, currentId?: DeviceId): Promise<Device[]> {
    const rows = await this.devices.listLive(this.database, userId);
    return rows.map((row) => toDevice(row, currentId));
  }

  /** Whether the user has logged in with this device before, also where it was revoked since. */
  async isOf(userId: UserId, id: DeviceId): Promise<boolean> {
    const row = await this.devices.findById(id);
    return row?.user_id === userId;
  }

  /** @throws {NatterError} `NOT_FOUND` where it is no live device of the caller. */
  async rename(caller: Caller, id: DeviceId, name: string): Promise<Device> {
    const row = await this.devices.rename(caller.userId, id, name);
    if (!row) throw new NatterError('NOT_FOUND');
    return toDevice(row, caller.deviceId);
  }

  /** @throws {NatterError} `NOT_FOUND` where it is no live device of the caller. */
  async revokeOwn(caller: Caller, id: DeviceId): Promise<void> {
    const revoked = await this.revoke(caller.userId, id);
    if (revoked === 0) throw new NatterError('NOT_FOUND');
  }

  /** Ends the caller's session; one that has ended already is left as it is. */
  async end({ userId, deviceId, session }: Caller): Promise<void> {
    await this.revoke(userId, deviceId, session.generation);
  }

  /** Ends every session of the user but those of the devices to keep; inside a change that has locked his stream. */
  async revokeAllIn(
    change: StreamChange,
    userId: UserId,
    keep: readonly DeviceId[] = [],
  ): Promise<void> {
    const live = await this.devices.listLive(change.queries, userId);
    const ids = live.map((device) => device.id).filter((id) => !keep.includes(id));
    await this.revokeIn(change, userId, ids);
  }

  /** @param generation The session meant; without it, whichever the device has. */
  private revoke(userId: UserId, id: DeviceId, generation?: number): Promise<number> {
    return this.changes.run({ userIds: [userId] }, (change) =>
      this.revokeIn(change, userId, [id], generation),
    );
  }

  private async revokeIn(
    change: StreamChange,
    userId: UserId,
    ids: readonly DeviceId[],
    generation?: number,
  ): Promise<number> {
    const revoked = await this.devices.revoke(change.queries, userId, ids, generation);
    await change.appendToUsers(
      revoked.map((row) => ({
        userId,
        event: 'deviceRevoked' as const,
        details: { deviceId: row.id, generation: row.generation },
      })),
    );
    return revoked.length;
  }

  private async insertSession(
    queries: Queries,
    userId: UserId,
    { id = newId(DeviceId), name, platform }: DeviceDescription,
  ): Promise<DeviceRow> {
    const nonce = randomBytes(NONCE_BYTES);
    const row = await this.devices.beginSession(queries, { id, userId, name, platform, nonce });
    if (!row) throw new NatterError('FORBIDDEN', 'This device id belongs to another user');
    return row;
  }

  private toSession(row: DeviceRow): DeviceSession {
    const { id: deviceId, generation, refresh_counter: counter } = row;
    return {
      userId: row.user_id,
      device: toDevice(row, deviceId),
      generation,
      rotation: counter,
      refreshToken: this.refreshTokens.issue({ deviceId, generation, counter }, row.refresh_nonce),
    };
  }
}
