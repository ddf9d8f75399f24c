import type { Media, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { MediaService } from './media.service.js';
import { UploadsService } from './uploads.service.js';

@Controller()
export class MediaController {
  constructor(
    private readonly media: MediaService,
    private readonly uploads: UploadsService,
  ) {}

  @Route('uploadMedia')
  upload(@FromCaller() caller: Caller, @Req() request: FastifyRequest): Promise<Media> {
    return this.uploads.upload(caller, request);
  }

  @Route('getMedia')
  get(@FromCaller() caller: Caller, @FromRequest() { id }: RouteInput<'getMedia'>): Promise<Media> {
    return this.media.get(caller, id);
  }

  @Route('createMediaLinks')
  links(
    @FromCaller() caller: Caller,
    @FromRequest() { ids }: RouteInput<'createMediaLinks'>,
  ): Promise<RouteOutput<'createMediaLinks'>> {
    return this.media.linksTo(caller, ids);
  }

  @Route('listMediaDownloads')
  downloads(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...page }: RouteInput<'listMediaDownloads'>,
  ): Promise<RouteOutput<'listMediaDownloads'>> {
    return this.media.downloadsOf(caller, id, page);
  }
}
