import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { MessagesRepository } from './messages.repository.js';

const INTERVAL_MS = 30_000;
/** Small enough never to hold up the sends of anybody. */
const BATCH = 500;

/**
 * Takes from expired messages what they held (MSG-7). No answer shows them from the moment on that they expire, so it is
 * of no matter when this runs: also for those that expired while no server was there.
 */
@Injectable()
export class ExpiryService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private purging: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly messages: MessagesRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.purging = this.purge();
    this.timer = setInterval(() => {
      this.purging = this.purging.then(() => this.purge());
    }, INTERVAL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping = true;
    await this.purging;
  }

  private async purge(): Promise<void> {
    try {
      let purged = BATCH;
      while (purged === BATCH && !this.stopping) purged = await this.messages.purgeExpired(BATCH);
    } catch (error) {
      this.logger.warn({ error }, 'unable to purge expired messages; trying again');
    }
  }
}
