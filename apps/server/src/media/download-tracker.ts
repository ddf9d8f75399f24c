import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../logging/logger.js';
import { type DownloadedPart, DownloadsRepository } from './downloads.repository.js';

/** Notes which files have come to whose devices, once all bytes of an answer were handed over. */
@Injectable()
export class DownloadTracker {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly downloads: DownloadsRepository,
  ) {}

  /** Never fails: that a download is not noted is no reason to end it. */
  note(part: DownloadedPart): void {
    const noting = this.downloads
      .add(part)
      .catch((error: unknown) => this.logger.warn({ error }, 'unable to note a download'))
      .finally(() => this.underWay.delete(noting));
    this.underWay.add(noting);
  }

  /** Resolves when all is noted that was handed over on this node until now. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
