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
import { Connections } from '../presence/connections.js';
import { DevicesRepository } from './devices.repository.js';

/** Devices of which one statement writes. */
const ROUND = 500;
/** Devices that are gone within it are written together; after a failure, how long to wait. */
const GATHERING_MS = 1000;
/** How late it is written that a device is still connected. */
const CONNECTED_MS = 300_000;

/**
 * Notes that devices were in use as long as they had a socket on this node: requests alone would have it that a device
 * which is connected for days was unused all the time, and it would be the first one to be revoked where a user has too
 * many (DEV-1).
 */
@Injectable()
export class DeviceUse implements OnModuleInit, BeforeApplicationShutdown {
  private readonly used = new Map<DeviceId, Date>();
  private rounds: NodeJS.Timeout | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly connections: Connections,
    @Inject(DevicesRepository) private readonly devices: Pick<DevicesRepository, 'noteUses'>,
    @Inject(DatabaseClock) private readonly clock: Pick<DatabaseClock, 'now'>,
  ) {}

  onModuleInit(): void {
    this.connections.subscribe({ deviceGone: ({ deviceId }) => this.note(deviceId) });
    // Nodes that start together do not go on writing together.
    this.planRound(CONNECTED_MS * Math.random());
  }

  /** The sockets are closed by now, or will be: whoever has one was here until this moment. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.rounds);
    clearTimeout(this.gathering);
    this.noteConnected();
    await this.writing;
    await this.write();
  }

  private planRound(delayMs: number): void {
    this.rounds = setTimeout(() => {
      this.noteConnected();
      this.planRound(CONNECTED_MS);
    }, delayMs);
  }

  private noteConnected(): void {
    for (const { deviceId } of this.connections.devices()) this.note(deviceId);
  }

  private note(deviceId: DeviceId): void {
    this.used.set(deviceId, new Date(this.clock.now()));
    this.gather();
  }

  private gather(): void {
    if (this.isStopping) return;
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.writing = this.writing.then(() => this.write());
    }, GATHERING_MS);
  }

  /** Never rejects. What cannot be written now is tried again. */
  private async write(): Promise<void> {
    try {
      const entries = [...this.used];
      for (let from = 0; from < entries.length; from += ROUND) {
        const round = new Map(entries.slice(from, from + ROUND));
        await this.devices.noteUses(round);
        for (const [deviceId, at] of round) {
          if (this.used.get(deviceId) === at) this.used.delete(deviceId);
        }
      }
    } catch (error) {
      this.logger.warn({ error }, 'unable to store when devices were last in use; trying again');
      this.gather();
    }
  }
}
