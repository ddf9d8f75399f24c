import type { MediaId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { DatabaseClock } from '../database/database-clock.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { AvatarsRepository } from './avatars.repository.js';
import { MediaRepository } from './media.repository.js';
import { contentKey, ownerOfKey, thumbnailKey } from './storage-keys.js';
import { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';
import { UploadSpool } from './upload-spool.js';

const INTERVAL_MS = 24 * 60 * 60_000;
/** Once soon after the start, too: many nodes are never up for a day. Not at once, when there is enough to do. */
const FIRST_MS = 60 * 60_000;
const PAGE = 500;
/** Whatever is younger may be of an upload under way, whose row comes last. */
const GRACE_MS = 6 * 60 * 60_000;

/** What was found, and done about it. */
export interface Reconciliation {
  /** Stored files that no row names; they are gone now. */
  readonly removedFiles: number;
  /** What uploads and writes have left that were cut by the end of their process; it is gone now. */
  readonly removedUnfinished: number;
  /** Files whose bytes are not in the storage. Their rows stay: somebody may bring the bytes back. */
  readonly missing: readonly MediaId[];
}

/**
 * Compares what is stored with what the database knows, in both directions. Nothing is left dangling in ordinary work
 * (`upload-completion.ts`, `forgetting.service.ts`); this finds what crashes and people leave.
 */
@Injectable()
export class ReconciliationService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweep: Sweep;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly media: MediaRepository,
    private readonly avatars: AvatarsRepository,
    private readonly spool: UploadSpool,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
    private readonly clock: DatabaseClock,
  ) {
    const failure = 'unable to compare the stored files with the database; trying again tomorrow';
    this.sweep = new Sweep(logger, failure, async () => this.report(await this.reconcile()));
  }

  onApplicationBootstrap(): void {
    this.sweep.requestIn(FIRST_MS);
    this.sweep.start(INTERVAL_MS, 'later');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweep.stop();
  }

  /** @param graceMs How old a file must be that is removed. */
  async reconcile(graceMs: number = GRACE_MS): Promise<Reconciliation> {
    // Files are dated by this node or by a bucket, rows by the database.
    const before = new Date(Math.min(Date.now(), this.clock.now()) - graceMs);
    const removedUnfinished =
      (await this.spool.removeUnfinished(before)) + (await this.storage.removeUnfinished(before));
    await this.avatars.giveUpUnused(before);
    const removedFiles = await this.removeUnknown(before);
    return { removedFiles, removedUnfinished, missing: await this.findMissing() };
  }

  private async removeUnknown(before: Date): Promise<number> {
    let removed = 0;
    let page: string[] = [];
    for await (const { key, modifiedAt } of this.storage.list()) {
      if (this.sweep.isStopping) return removed;
      if (modifiedAt >= before) continue;
      page.push(key);
      if (page.length < PAGE) continue;
      removed += await this.removeUnknownOf(page);
      page = [];
    }
    return removed + (await this.removeUnknownOf(page));
  }

  private async removeUnknownOf(keys: readonly string[]): Promise<number> {
    const owners = keys.map((key) => ({ key, ...ownerOfKey(key) }));
    const known = new Set<string>([
      ...(await this.media.known(owners.flatMap(({ mediaId }) => mediaId ?? []))),
      ...(await this.avatars.known(owners.flatMap(({ avatar }) => avatar ?? []))),
    ]);
    // What is under no key of ours somebody else has put there.
    const unknown = owners.filter(({ mediaId, avatar }) => {
      const owner = mediaId ?? avatar;
      return owner !== undefined && !known.has(owner);
    });
    for (const { key } of unknown) await this.storage.delete(key);
    return unknown.length;
  }

  private async findMissing(): Promise<MediaId[]> {
    const missing: MediaId[] = [];
    let last: MediaId | undefined;
    while (!this.sweep.isStopping) {
      const page = await this.media.page(last, PAGE);
      for (const { id, thumbnail_size: thumbnailSize } of page) {
        const keys = [contentKey(id), ...(thumbnailSize === null ? [] : [thumbnailKey(id)])];
        const sizes = await Promise.all(keys.map((key) => this.storage.size(key)));
        if (sizes.includes(undefined)) missing.push(id);
      }
      if (page.length < PAGE) break;
      last = page.at(-1)?.id;
    }
    return missing;
  }

  private report({ removedFiles, removedUnfinished, missing }: Reconciliation): void {
    if (removedFiles + removedUnfinished > 0) {
      const counts = { removedFiles, removedUnfinished };
      this.logger.warn(counts, 'removed stored files that the database does not know');
    }
    if (missing.length > 0) {
      const some = { count: missing.length, ids: missing.slice(0, 100) };
      this.logger.error(some, 'files of the database are not in the storage');
    }
  }
}
