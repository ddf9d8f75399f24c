import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { LOGGER, type Logger } from '../logging/logger.js';
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
  private readonly purge: Sweep;

  constructor(
    @Inject(LOGGER) logger: Logger,
    private readonly messages: MessagesRepository,
  ) {
    const failure = 'unable to purge expired messages; trying again';
    this.purge = new Sweep(logger, failure, () =>
      this.purge.inBatches(BATCH, (size) => this.messages.purgeExpired(size)),
    );
  }

  onApplicationBootstrap(): void {
    this.purge.start(INTERVAL_MS, 'atOnce');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.purge.stop();
  }
}
