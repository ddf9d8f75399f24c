import type { MediaId, RouteInput } from '@natter/protocol';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { DownloadTracker } from './download-tracker.js';
import { answerFile } from './media-answer.js';
import { MediaPolicy } from './media.policy.js';
import { OpenTransfers } from './open-transfers.js';
import { contentKey, thumbnailKey } from './storage-keys.js';
import { type ByteRange, MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';

/** Kept by the caller's own browser alone, and shown again only where the policy lets it. */
const ASK_AGAIN = 'private, no-cache';

/** The bytes of files. */
@Controller()
export class MediaContentController {
  constructor(
    private readonly policy: MediaPolicy,
    private readonly tracker: DownloadTracker,
    private readonly transfers: OpenTransfers,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
  ) {}

  @Route('getMediaContent')
  async getContent(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'getMediaContent'>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const media = await this.policy.requireReadable(caller, id);
    this.transfers.add(reply.raw);
    const part = await answerFile(request, reply, {
      size: media.size,
      mimeType: media.mime_type,
      tag: media.sha256.toString('base64url'),
      fileName: media.file_name,
      // Of these kinds are only types that run nothing (`inspection`).
      inline: media.kind !== 'file',
      cacheControl: ASK_AGAIN,
      open: (range) => this.storage.read(contentKey(id), range),
    });
    if (part) this.noteWhenSent(reply, caller, id, part);
  }

  @Route('getMediaThumbnail')
  async getThumbnail(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'getMediaThumbnail'>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { thumbnail_size: size, thumbnail_type: mimeType } = await this.policy.requireReadable(
      caller,
      id,
    );
    if (size === null || mimeType === null) throw new NatterError('NOT_FOUND');
    this.transfers.add(reply.raw);
    await answerFile(request, reply, {
      size,
      mimeType,
      tag: `${id}-thumbnail`,
      fileName: 'thumbnail',
      inline: true,
      cacheControl: ASK_AGAIN,
      open: (range) => this.storage.read(thumbnailKey(id), range),
    });
  }

  /** Only when the last byte was handed over: what is broken off is no download. */
  private noteWhenSent(
    reply: FastifyReply,
    { userId, deviceId }: Caller,
    mediaId: MediaId,
    { start, end }: ByteRange,
  ): void {
    reply.raw.once('finish', () =>
      this.tracker.note({ mediaId, userId, deviceId, from: start, to: end + 1 }),
    );
  }
}
