import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { CONFIG, type Config } from '../config/config.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Bus } from '../streams/bus.js';
import { AvatarsRepository } from './avatars.repository.js';
import { MediaRepository } from './media.repository.js';
import { avatarKey, contentKey, thumbnailKey } from './storage-keys.js';
import { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';

const INTERVAL_MS = 30_000;
const BATCH = 100;

/**
 * Takes away the bytes of files that nothing holds any more, and gives up those that nobody sends. No answer has them
 * from the commit on by which the last message let them go, so it is of no matter when this runs; a row goes only after
 * its bytes, so that what is broken off goes on.
 */
@Injectable()
export class ForgettingService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweep: Sweep;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
    bus: Bus,
    private readonly media: MediaRepository,
    private readonly avatars: AvatarsRepository,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
  ) {
    const failure = 'unable to take away the bytes of deleted files; trying again';
    this.sweep = new Sweep(logger, failure, () => this.forget());
    bus.subscribe(({ chatEntries }, origin) => {
      // Of what other nodes delete, they take the bytes away.
      if (origin === 'elsewhere') return;
      if (chatEntries.some(({ entry }) => entry.event === 'messageDeleted')) this.sweep.request();
    });
  }

  onApplicationBootstrap(): void {
    this.sweep.start(INTERVAL_MS, 'atOnce');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweep.stop();
  }

  /** Resolves when nothing is left to forget that was released until now. */
  async forget(): Promise<void> {
    await this.sweep.inBatches(BATCH, (size) =>
      this.media.giveUpUnheld(this.config.unsentMediaMs, size),
    );
    await this.sweep.inBatches(BATCH, async (size) => {
      const ids = await this.media.deleted(size);
      for (const id of ids) {
        await this.storage.delete(contentKey(id));
        await this.storage.delete(thumbnailKey(id));
        await this.media.forget(id);
      }
      return ids.length;
    });
    await this.sweep.inBatches(BATCH, async (size) => {
      const names = await this.avatars.deleted(size);
      for (const name of names) {
        await this.storage.delete(avatarKey(name));
        await this.avatars.forget(name);
      }
      return names.length;
    });
  }
}
