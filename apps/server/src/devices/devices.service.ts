import { randomBytes } from 'node:crypto';
import { type Device, DeviceId, type UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database, type Queries } from '../database/database.js';
import { newId } from '../database/new-id.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import { toDevice } from './devices.mapper.js';
import { type DeviceLogin, type DeviceRow, DevicesRepository } from './devices.repository.js';
import { RefreshTokens } from './refresh-tokens.js';

const NONCE_BYTES = 32;
/**
 * How exactly `lastSeenAt` of a device is kept: writing it at every request would be a write per read. The first one of a
 * new device is written in any case, so that it comes before those that were not used since they came.
 */
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

function toLogin(
  userId: UserId,
  { id = newId(DeviceId), name, platform }: DeviceDescription = {},
): DeviceLogin {
  return { id, userId, name, platform, nonce: randomBytes(NONCE_BYTES) };
}

function foreignDevice(): NatterError {
  return new NatterError('FORBIDDEN', 'This device id belongs to another user');
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
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * The session of the device that registers: nobody has to be told of it.
   *
   * @throws {NatterError} `FORBIDDEN` where the device id is another user's.
   */
  async beginFirst(
    queries: Queries,
    userId: UserId,
    description: DeviceDescription = {},
  ): Promise<DeviceSession> {
    const row = await this.devices.insertFirst(queries, toLogin(userId, description));
    if (!row) throw foreignDevice();
    return this.toSession(row);
  }

  /**
   * The session of a login. The user's other devices are told, the sockets of the device's session before are cut, and
   * where the user has too many devices the one unused longest is revoked.
   *
   * @param passwordHash What the login was verified against. Resolves with `undefined` where it is another by now.
   * @throws {NatterError} `FORBIDDEN` where the device id is another user's.
   */
  async begin(
    userId: UserId,
    description: DeviceDescription | undefined,
    passwordHash: string,
  ): Promise<DeviceSession | undefined> {
    const begun = await this.devices.beginSession(
      toLogin(userId, description),
      passwordHash,
      this.config.limits.userDevices - 1,
    );
    if (begun.outcome === 'foreign') throw foreignDevice();
    if (begun.outcome === 'changed') return undefined;
    this.changes.publish(begun.events.map((event) => ({ ...event, userId, chatId: null })));
    return this.toSession(begun.device);
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
  async requireSession({ userId, deviceId, session }: Caller, queries?: Queries): Promise<void> {
    const row = await this.devices.findById(deviceId, queries);
    if (
      row?.user_id !== userId ||
      row.generation !== session.generation ||
      row.revoked_at !== null
    ) {
      throw new NatterError('DEVICE_REVOKED');
    }
    const lastSeenAt = row.last_seen_at.getTime();
    const confirms = !row.refresh_confirmed && row.refresh_counter === session.rotation;
    const isFirstUse = lastSeenAt === row.created_at.getTime();
    if (confirms || isFirstUse || this.clock.now() - lastSeenAt > LAST_SEEN_PRECISION_MS) {
      const lives = await this.devices.noteUse(deviceId, session, queries);
      if (!lives) throw new NatterError('DEVICE_REVOKED');
    }
  }

  /** The caller's live devices, the most recently used first. */
  async list({ userId, deviceId }: Caller): Promise<Device[]> {
    const rows = await this.devices.listLive(this.database, userId);
    return rows.map((row) => toDevice(row, deviceId, row.push_enabled));
  }

  /** Those of the devices that are the user's, also revoked ones, in no order, as one of them sees them or as none. */
  async own(userId: UserId, ids: readonly DeviceId[], currentId?: DeviceId): Promise<Device[]> {
    const rows = await this.devices.listOwn(userId, ids);
    return rows.map((row) => toDevice(row, currentId, row.push_enabled));
  }

  /** @throws {NatterError} `NOT_FOUND` where it is no live device of the caller. */
  async rename(caller: Caller, id: DeviceId, name: string): Promise<Device> {
    const row = await this.devices.rename(caller.userId, id, name);
    if (!row) throw new NatterError('NOT_FOUND');
    return toDevice(row, caller.deviceId, row.push_enabled);
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

  /** Ends every session of an account that is being deleted, and forgets what its devices were called. */
  async eraseIn(change: StreamChange, userId: UserId): Promise<void> {
    await this.revokeAllIn(change, userId);
    await this.devices.eraseNames(change.queries, userId);
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
