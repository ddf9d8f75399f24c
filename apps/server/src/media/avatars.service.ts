import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { MediaId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { newId } from '../database/new-id.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { AvatarsRepository } from './avatars.repository.js';
import { MediaInspection } from './inspection/index.js';
import { MediaRepository } from './media.repository.js';
import { avatarKey, contentKey } from './storage-keys.js';
import { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';
import { UploadSpool } from './upload-spool.js';

const NAME_BYTES = 16;
const MIME_TYPE = 'image/webp';

/** Pictures of users and groups: squares cut out of uploads, under names that nobody guesses. */
@Injectable()
export class AvatarsService {
  constructor(
    private readonly avatars: AvatarsRepository,
    private readonly media: MediaRepository,
    private readonly spool: UploadSpool,
    private readonly inspection: MediaInspection,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
  ) {}

  /**
   * Runs `use` with the name of a new avatar, made of an upload of the caller's; with `null` and `undefined` as they
   * are. Where `use` fails, nobody has the avatar, and it goes.
   *
   * @throws {NatterError} `NOT_FOUND` where it is no upload of the caller, `INVALID` where it is no picture.
   */
  async withAvatar<T>(
    caller: Caller,
    mediaId: MediaId | null | undefined,
    use: (avatar: string | null | undefined) => Promise<T>,
  ): Promise<T> {
    if (mediaId === null || mediaId === undefined) return use(mediaId);
    const name = await this.make(caller, mediaId);
    try {
      return await use(name);
    } catch (error) {
      await this.avatars.giveUp(name);
      throw error;
    }
  }

  private async make({ userId }: Caller, mediaId: MediaId): Promise<string> {
    const [media] = await this.media.readable(userId, [mediaId]);
    if (media?.owner_id !== userId) {
      throw new NatterError('NOT_FOUND', 'This is none of your uploads');
    }
    if (media.kind !== 'image') throw invalid('avatarMediaId', 'must be a picture');
    const content = await this.storage.read(contentKey(mediaId));
    if (!content) throw new NatterError('NOT_FOUND');
    const spoolId = newId(MediaId);
    try {
      const path = await this.spool.receive(spoolId, content);
      const square = await this.inspection.squareAvatar(path);
      const name = randomBytes(NAME_BYTES).toString('hex');
      const { size } = await this.storage.write(avatarKey(name), createReadStream(square));
      await this.avatars.insert({ name, mime_type: MIME_TYPE, size });
      return name;
    } finally {
      await this.spool.remove(spoolId);
    }
  }
}
