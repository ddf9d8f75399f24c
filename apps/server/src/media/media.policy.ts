import type { MediaId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { MediaRepository, type ReadableMedia } from './media.repository.js';

/** Who may see a file (MEDIA-2). Asked at each request, by whatever way it comes. */
@Injectable()
export class MediaPolicy {
  constructor(private readonly media: MediaRepository) {}

  /**
   * @throws {NatterError} `NOT_FOUND` where the caller neither uploaded it nor sees a message that holds it, the same
   *   as for a file that does not exist (PRIV-1).
   */
  async requireReadable(caller: Caller, id: MediaId): Promise<ReadableMedia> {
    const [media] = await this.media.readable(caller.userId, [id]);
    if (!media) throw new NatterError('NOT_FOUND');
    return media;
  }

  /** @throws {NatterError} `NOT_FOUND` as above, else `FORBIDDEN` where somebody else uploaded it. */
  async requireOwn(caller: Caller, id: MediaId): Promise<ReadableMedia> {
    const media = await this.requireReadable(caller, id);
    if (media.owner_id !== caller.userId) {
      throw new NatterError('FORBIDDEN', 'Only who uploaded a file sees who has it');
    }
    return media;
  }
}
