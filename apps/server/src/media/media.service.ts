import {
  DeviceId,
  type Media,
  type MediaId,
  type MediaLink,
  Timestamp,
  type RouteOutput,
  type UserId,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { Cursors } from '../cursors/cursors.js';
import { DatabaseClock } from '../database/database-clock.js';
import type { Queries } from '../database/database.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { SignedLinks } from '../identity/signed-links.js';
import { toMedia } from '../streams/media-view.js';
import { DownloadsRepository } from './downloads.repository.js';
import { DownloadTracker } from './download-tracker.js';
import { MediaPolicy } from './media.policy.js';
import { MediaRepository, type ReadableMedia } from './media.repository.js';

const LINK_MS = 5 * 60 * 1000;

const DownloadPosition = z.object({ downloadedAt: Timestamp, deviceId: DeviceId });

/** What is known of files, and who may have them. */
@Injectable()
export class MediaService {
  constructor(
    private readonly policy: MediaPolicy,
    private readonly media: MediaRepository,
    private readonly links: SignedLinks,
    private readonly downloads: DownloadsRepository,
    private readonly tracker: DownloadTracker,
    private readonly cursors: Cursors,
    private readonly clock: DatabaseClock,
  ) {}

  async get(caller: Caller, id: MediaId): Promise<Media> {
    return toWire(await this.policy.requireReadable(caller, id));
  }

  /**
   * Addresses that need no token for some minutes, in the order of the ids. Files that the caller cannot see are left
   * out.
   *
   * @throws {NatterError} `NOT_FOUND` where he can see none of them.
   */
  async linksTo(caller: Caller, ids: readonly MediaId[]): Promise<MediaLink[]> {
    const readable = new Map(
      (await this.media.readable(caller.userId, ids)).map((media) => [media.id, toWire(media)]),
    );
    if (readable.size === 0) throw new NatterError('NOT_FOUND');
    const expiresAt = this.clock.now() + LINK_MS;
    return [...new Set(ids)].flatMap((id) => {
      const media = readable.get(id);
      if (!media) return [];
      const query = `?link=${this.links.sign(id, caller, expiresAt)}`;
      return {
        id,
        url: media.url + query,
        ...(media.thumbnailUrl !== undefined && { thumbnailUrl: media.thumbnailUrl + query }),
        expiresAt: new Date(expiresAt).toISOString(),
      };
    });
  }

  /** Which devices have all of a file, the first one first; for who uploaded it. */
  async downloadsOf(
    caller: Caller,
    id: MediaId,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<RouteOutput<'listMediaDownloads'>> {
    await this.policy.requireOwn(caller, id);
    // What was handed over a moment ago may be on its way to the database.
    await this.tracker.settled();
    const cursors = this.cursors.of('downloads', caller.userId, DownloadPosition, id);
    const rows = await this.downloads.page(id, cursors.open(cursor), limit + 1);
    const items = rows.map((row) => ({
      userId: row.user_id,
      deviceId: row.device_id,
      downloadedAt: row.downloaded_at.toISOString(),
    }));
    const { shown, next } = cursors.page(items, limit, ({ downloadedAt, deviceId }) => ({
      downloadedAt,
      deviceId,
    }));
    return { items: shown, ...next };
  }

  /** Takes from every answer what an account that is deleted had uploaded and not sent (USER-3). */
  eraseUnsent(queries: Queries, userId: UserId): Promise<void> {
    return this.media.giveUpUnheldOf(queries, userId);
  }

  /** Up to `limit` of what the caller uploaded and can still see, with ids above `after`, the oldest first. */
  async own({ userId }: Caller, after: MediaId | undefined, limit: number): Promise<Media[]> {
    return (await this.media.ownPage(userId, after, limit)).map(toWire);
  }
}

export function toWire(media: ReadableMedia): Media {
  return toMedia({ ...media, has_thumbnail: media.thumbnail_size !== null });
}
