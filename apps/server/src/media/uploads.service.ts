import { type Media, MediaId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { newId } from '../database/new-id.js';
import type { Caller } from '../identity/caller.js';
import { OpenTransfers } from './open-transfers.js';
import { UploadCompletion } from './upload-completion.js';
import { readUploadForm } from './upload-form.js';
import { UploadSlots } from './upload-slots.js';
import { UploadSpool } from './upload-spool.js';

/** Files that come as a form. */
@Injectable()
export class UploadsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly slots: UploadSlots,
    private readonly spool: UploadSpool,
    private readonly completion: UploadCompletion,
    private readonly transfers: OpenTransfers,
  ) {}

  /** Takes the file of a form as it comes. Where that fails, or the client goes away, nothing is left of it. */
  upload({ userId }: Caller, request: FastifyRequest): Promise<Media> {
    const upload = this.slots.hold(userId, async () => {
      await this.completion.requireRoom(this.database, userId, 0);
      const id = newId(MediaId);
      try {
        const { mediaBytes } = this.config.limits;
        const { file: path, ...form } = await readUploadForm(request, mediaBytes, (content) =>
          this.spool.receive(id, content),
        );
        return await this.completion.complete({ id, ownerId: userId, path, ...form });
      } finally {
        await this.spool.remove(id);
      }
    });
    return this.transfers.receive(request.raw, upload);
  }
}
