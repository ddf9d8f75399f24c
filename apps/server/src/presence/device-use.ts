import type { DeviceId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { DatabaseClock } from '../database/database-clock.js';
import { LOGGER } from '../logging/logger.js';
import { Connections } from './connections.js';
import { PresenceRepository } from './presence.repository.js';

/** Devices of which one statement writes. */
const ROUND = 500;
/** Devices that are gone within it are written together. */
const GATHERING_MS = 1000;
/** How late it is written that a device is still connected. */
const CONNECTED_MS = 300_000;

/**
 * Notes that devices were in use as long as they had a socket: requests alone would have it that a device which is
 * connected for days was unused all the time, and it would be the first one to be revoked where a user has too many.
 */
@Injectable()
export class DeviceUse implements OnModuleInit, BeforeApplicationShutdown {
  private readonly used = new Map<DeviceId, Date>();
  private readonly rounds: NodeJS.Timeout;
  private gathering: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly connections: Connections,
    private readonly repository: PresenceRepository,
    private readonly clock: DatabaseClock,
  ) {
    this.rounds = setInterval(() => this.noteConnected(), CONNECTED_MS);
  }

  onModuleInit(): void {
    this.connections.subscribe({ deviceGone: ({ deviceId }) => this.note(deviceId) });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.rounds);
    clearTimeout(this.gathering);
    this.noteConnected();
    await this.writing;
    await this.write();
  }

  private noteConnected(): void {
    for (const { deviceId } of this.connections.devices()) this.note(deviceId);
  }

  private note(deviceId: DeviceId): void {
    this.used.set(deviceId, new Date(this.clock.now()));
    if (this.isStopping) return;
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.writing = this.writing.then(() => this.write());
    }, GATHERING_MS);
  }

  /** Never rejects. What cannot be written now is written with what comes next. */
  private async write(): Promise<void> {
    try {
      while (this.used.size > 0) {
        const round = new Map([...this.used].slice(0, ROUND));
        await this.repository.saveUse(round);
        for (const [deviceId, at] of round) {
          if (this.used.get(deviceId) === at) this.used.delete(deviceId);
        }
      }
    } catch (error) {
      this.logger.warn({ error }, 'unable to store when devices were last in use');
    }
  }
}
