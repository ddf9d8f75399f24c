import type { RouteInput } from '@natter/protocol';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NatterError } from '../errors/natter-error.js';
import { FromRequest, Route } from '../http/route.decorator.js';
import { AvatarsRepository } from './avatars.repository.js';
import { answerFile } from './media-answer.js';
import { OpenTransfers } from './open-transfers.js';
import { avatarKey } from './storage-keys.js';
import { MEDIA_STORAGE, type MediaStorage } from './storage/media-storage.js';

/** What is under a name never changes; that there is nothing any more is to be noticed within a day. */
const FOR_A_DAY = 'public, max-age=86400';

@Controller()
export class AvatarsController {
  constructor(
    private readonly avatars: AvatarsRepository,
    private readonly transfers: OpenTransfers,
    @Inject(MEDIA_STORAGE) private readonly storage: MediaStorage,
  ) {}

  @Route('getAvatar')
  async get(
    @FromRequest() { name }: RouteInput<'getAvatar'>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const avatar = await this.avatars.find(name);
    if (!avatar) throw new NatterError('NOT_FOUND');
    this.transfers.add(reply.raw);
    await answerFile(request, reply, {
      size: avatar.size,
      mimeType: avatar.mime_type,
      tag: name,
      fileName: 'avatar',
      inline: true,
      cacheControl: FOR_A_DAY,
      open: (range) => this.storage.read(avatarKey(name), range),
    });
  }
}
