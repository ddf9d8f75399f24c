import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../logging/logger.js';
import { MediaInspection } from './inspection/index.js';
import { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';

/** The answer is public, and a bucket costs something for each question. */
const KEPT_MS = 5000;
/** Probes give a node a second, and one that is late is taken for unready. */
const PATIENCE_MS = 500;

/** What the node has for media, for its health answer. It works on without. */
@Injectable()
export class MediaHealth {
  private last: { readonly at: number; readonly answers: Promise<boolean> } | undefined;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly inspection: MediaInspection,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
  ) {}

  /** As it was when the node started. */
  get hasFfmpeg(): boolean {
    return this.inspection.ffmpegVersion !== undefined;
  }

  /** Whether the storage answered within half a second, when it was asked last; that is at most 5 s ago. */
  storageAnswers(): Promise<boolean> {
    const now = performance.now();
    if (!this.last || now - this.last.at > KEPT_MS) {
      this.last = { at: now, answers: this.askStorage() };
    }
    return this.last.answers;
  }

  private async askStorage(): Promise<boolean> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
    try {
      await Promise.race([this.storage.check(), tooLate]);
      return true;
    } catch (error) {
      this.logger.warn({ error }, 'the storage of media does not answer');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
