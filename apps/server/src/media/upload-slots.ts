import type { UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { NatterError } from '../errors/natter-error.js';

const RETRY_MS = 1000;

/** How many uploads of each user are under way on this node: each holds a file on the disk. */
@Injectable()
export class UploadSlots {
  private readonly taken = new Map<UserId, number>();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** @throws {NatterError} `RATE_LIMITED` where the user has as many uploads under way as he may. */
  async hold<T>(userId: UserId, upload: () => Promise<T>): Promise<T> {
    const others = this.taken.get(userId) ?? 0;
    if (others >= this.config.limits.userUploads) {
      const wait = { retryAfterMs: RETRY_MS };
      throw new NatterError('RATE_LIMITED', 'Too many of your uploads are on their way', wait);
    }
    this.taken.set(userId, others + 1);
    try {
      return await upload();
    } finally {
      const left = (this.taken.get(userId) ?? 1) - 1;
      if (left > 0) this.taken.set(userId, left);
      else this.taken.delete(userId);
    }
  }
}
