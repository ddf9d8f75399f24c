import { createHash, randomBytes } from 'node:crypto';
import { type Device, DeviceId, type UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Queries } from '../database/database.js';
import { newId } from '../database/new-id.js';
import { NatterError } from '../errors/natter-error.js';
import { toDevice } from './devices.mapper.js';
import { DevicesRepository } from './devices.repository.js';

const REFRESH_TOKEN_BYTES = 32;

/** The device of a login, as the client describes it. */
export interface DeviceDescription {
  readonly id?: DeviceId | undefined;
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
}

export interface DeviceSession {
  readonly device: Device;
  readonly generation: number;
  /** Shown to the client once; only its hash is kept. */
  readonly refreshToken: string;
}

@Injectable()
export class DevicesService {
  constructor(private readonly devices: DevicesRepository) {}

  /** @throws {NatterError} `FORBIDDEN` where the device id is another user's. */
  async beginSession(
    queries: Queries,
    userId: UserId,
    description: DeviceDescription = {},
  ): Promise<DeviceSession> {
    const id = description.id ?? newId(DeviceId);
    const refreshToken = `${id}.${randomBytes(REFRESH_TOKEN_BYTES).toString('base64url')}`;
    const row = await this.devices.beginSession(queries, {
      id,
      userId,
      name: description.name,
      platform: description.platform,
      refreshHash: createHash('sha256').update(refreshToken).digest(),
    });
    if (!row) throw new NatterError('FORBIDDEN', 'This device id belongs to another user');
    return { device: toDevice(row, id), generation: row.generation, refreshToken };
  }

  /** @throws {NatterError} `DEVICE_REVOKED` where that session of the device has ended. */
  async requireSession(userId: UserId, id: DeviceId, generation: number): Promise<void> {
    const row = await this.devices.findById(id);
    if (row?.user_id !== userId || row.generation !== generation || row.revoked_at !== null) {
      throw new NatterError('DEVICE_REVOKED');
    }
  }
}
