import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { MediaId, UploadFields, UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { newId } from '../database/new-id.js';
import { validate } from '../errors/validation.js';
import { mayConnect } from '../http/cors.js';
import { RESUMABLE_PATH } from '../http/form-bodies.js';
import type { Caller } from '../identity/caller.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { MediaRepository } from './media.repository.js';
import { OpenTransfers } from './open-transfers.js';
import { ResumableUploads, type WholeUpload } from './storage/resumable/resumable-uploads.js';
import { UploadCompletion } from './upload-completion.js';
import { UploadSlots } from './upload-slots.js';

const SWEEP_INTERVAL_MS = 10 * 60_000;

/** Uploads that come in parts and go on where they were cut, also by the end of this process (tus 1.0). */
@Injectable()
export class ResumableUploadsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly uploads: ResumableUploads;
  /** Those that are becoming media. */
  private readonly completing = new Set<Promise<void>>();
  private readonly sweep: Sweep;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) logger: Logger,
    private readonly database: Database,
    private readonly media: MediaRepository,
    private readonly completion: UploadCompletion,
    private readonly slots: UploadSlots,
    private readonly transfers: OpenTransfers,
  ) {
    this.uploads = new ResumableUploads({
      folder: join(resolve(config.dataFolder), 'resumable'),
      path: RESUMABLE_PATH,
      mostBytes: config.limits.mediaBytes,
      mostUnfinished: config.limits.openUploads,
      expiryMs: config.unfinishedUploadMs,
      isAllowedOrigin: (origin) => mayConnect(config, { origin }),
      newId: () => newId(MediaId),
      admit: async (ownerId, size, metadata) => {
        validate(UploadFields, metadata);
        await this.completion.requireRoom(this.database, validate(UserId, ownerId), size);
      },
      take: (upload) => this.track(this.take(upload)),
      failed: (error) => logger.error({ error }, 'an upload failed'),
    });
    const failure = 'unable to end uploads that do not come to their end; trying again';
    this.sweep = new Sweep(logger, failure, () => this.removeExpired());
  }

  onApplicationBootstrap(): void {
    this.sweep.start(SWEEP_INTERVAL_MS, 'later');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweep.stop();
    await Promise.allSettled(this.completing);
  }

  /**
   * Answers a request of tus; the response is this method's alone.
   *
   * @param caller Absent where it asks what the server speaks, and nothing else.
   */
  async handle(
    caller: Caller | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    // The answer to a client that has gone away never comes to its end.
    const closed = once(response, 'close');
    const answer = async (ownerId: string): Promise<void> => {
      await Promise.race([this.uploads.handle(ownerId, request, response), closed]);
    };
    const upload = caller
      ? this.slots.hold(caller.userId, () => answer(caller.userId))
      : answer('');
    await this.transfers.receive(request, upload);
  }

  /** Removes what began too long ago; resolves with how many uploads there were. */
  removeExpired(): Promise<number> {
    return this.uploads.removeExpired();
  }

  private async take({ id, ownerId, path, metadata }: WholeUpload): Promise<void> {
    const mediaId = validate(MediaId, id);
    // The process ended before it was recorded that this is done.
    if ((await this.media.known([mediaId])).length > 0) return;
    const { filename, filetype } = metadata;
    await this.completion.complete({
      id: mediaId,
      ownerId: validate(UserId, ownerId),
      path,
      fields: validate(UploadFields, metadata),
      fileName: filename ?? undefined,
      mimeType: filetype ?? undefined,
    });
  }

  private async track(work: Promise<void>): Promise<void> {
    this.completing.add(work);
    try {
      await work;
    } finally {
      this.completing.delete(work);
    }
  }
}
