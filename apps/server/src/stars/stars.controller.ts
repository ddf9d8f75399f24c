import type { RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { StarsService } from './stars.service.js';

@Controller()
export class StarsController {
  constructor(private readonly stars: StarsService) {}

  @Route('listStars')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() page: RouteInput<'listStars'>,
  ): Promise<RouteOutput<'listStars'>> {
    return this.stars.list(caller, page);
  }

  @Route('starMessage')
  async star(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'starMessage'>,
  ): Promise<void> {
    await this.stars.set(caller, { messageId: id }, true);
  }

  @Route('unstarMessage')
  async unstar(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'unstarMessage'>,
  ): Promise<void> {
    await this.stars.set(caller, { messageId: id }, false);
  }
}
