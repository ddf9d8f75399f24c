import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Media, MediaId, UploadFields, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Database, type Queries } from '../database/database.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { shownFileName } from './file-name.js';
import { type Inspection, MediaInspection } from './inspection/index.js';
import { MediaRepository } from './media.repository.js';
import { toWire } from './media.service.js';
import { contentKey, thumbnailKey } from './storage-keys.js';
import { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';

/** A file that has come as a whole, by whatever way, and is to become media. */
export interface CompleteUpload {
  readonly id: MediaId;
  readonly ownerId: UserId;
  /** Of the file, in a folder of its own. */
  readonly path: string;
  readonly fields: UploadFields;
  /** As the client says; neither is believed. */
  readonly fileName: string | undefined;
  readonly mimeType: string | undefined;
}

const OPAQUE: Inspection = { kind: 'file', mimeType: 'application/octet-stream', derived: {} };
const THUMBNAIL_TYPE = 'image/webp';

/** The last step of every upload: what the file is, its bytes into the storage, and its row. */
@Injectable()
export class UploadCompletion {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly database: Database,
    private readonly media: MediaRepository,
    private readonly inspection: MediaInspection,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
  ) {}

  /**
   * Whether a user may upload so many bytes more.
   *
   * @throws {NatterError} `TOO_LARGE` where he has as much as he may.
   */
  async requireRoom(queries: Queries, ownerId: UserId, bytes: number): Promise<void> {
    const { userMediaBytes, userMediaFiles } = this.config.limits;
    const used = await this.media.usageOf(queries, ownerId);
    if (used.files >= userMediaFiles || used.bytes + bytes > userMediaBytes) {
      throw new NatterError('TOO_LARGE', 'You have uploaded as much as you may');
    }
  }

  /**
   * Makes media of a file. The bytes are stored before the row is there, so that a row always has them; what a crash
   * between leaves of them, the reconciliation finds.
   *
   * @throws {NatterError} `UNSUPPORTED_MEDIA` and `INVALID` for what is not what it says it is, `TOO_LARGE` where the
   *   user has as much as he may.
   */
  async complete(upload: CompleteUpload): Promise<Media> {
    const { id, ownerId, path, fields } = upload;
    const found = fields.opaque ? OPAQUE : await this.inspection.inspect(path, upload.mimeType);
    if (fields.voice && !fields.opaque && found.kind !== 'audio') {
      throw invalid('voice', 'is for audio alone');
    }
    try {
      const { display, thumbnail } = found.derived;
      const row = {
        ...describe(fields, found),
        id,
        owner_id: ownerId,
        file_name: shownFileName(upload.fileName),
        ...(await this.store(contentKey(id), display ?? path)),
        thumbnail_size: thumbnail ? (await this.store(thumbnailKey(id), thumbnail)).size : null,
        thumbnail_type: thumbnail ? THUMBNAIL_TYPE : null,
      };
      await this.database.transaction().execute(async (queries) => {
        await this.media.lockUsage(queries, ownerId);
        await this.requireRoom(queries, ownerId, row.size);
        if (!(await this.media.insert(queries, row))) throw new NatterError('UNAUTHENTICATED');
      });
      return toWire(row);
    } catch (error) {
      await this.discard(id);
      throw error;
    }
  }

  private async store(key: string, path: string): Promise<{ size: number; sha256: Buffer }> {
    const hash = createHash('sha256');
    const content = createReadStream(path);
    const { size } = await this.storage.write(
      key,
      (async function* () {
        for await (const chunk of content) {
          if (!Buffer.isBuffer(chunk)) continue;
          hash.update(chunk);
          yield chunk;
        }
      })(),
    );
    return { size, sha256: hash.digest() };
  }

  private async discard(id: MediaId): Promise<void> {
    for (const key of [contentKey(id), thumbnailKey(id)]) {
      await this.storage
        .delete(key)
        .catch((error: unknown) => this.logger.warn({ error }, 'unable to discard an upload yet'));
    }
  }
}

function describe(fields: UploadFields, found: Inspection) {
  // Of an opaque file nothing is known, and nothing is kept of what its uploader says of it.
  const said = fields.opaque ? {} : fields;
  return {
    kind: found.kind,
    mime_type: found.mimeType,
    opaque: fields.opaque ?? false,
    width: found.width ?? null,
    height: found.height ?? null,
    duration_ms: found.durationMs ?? said.durationMs ?? null,
    thumbhash: found.thumbhash ?? null,
    voice: said.voice ?? false,
    peaks: said.peaks ?? (found.peaks ? [...found.peaks] : null),
  };
}
