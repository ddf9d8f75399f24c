import type { RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { PinsService } from './pins.service.js';

@Controller()
export class PinsController {
  constructor(private readonly pins: PinsService) {}

  @Route('listPins')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...page }: RouteInput<'listPins'>,
  ): Promise<RouteOutput<'listPins'>> {
    return this.pins.list(caller, id, page);
  }

  @Route('pinMessage')
  async pin(
    @FromCaller() caller: Caller,
    @FromRequest() { id: chatId, messageId }: RouteInput<'pinMessage'>,
  ): Promise<void> {
    await this.pins.pin(caller, { messageId, chatId });
  }

  @Route('unpinMessage')
  async unpin(
    @FromCaller() caller: Caller,
    @FromRequest() { id: chatId, messageId }: RouteInput<'unpinMessage'>,
  ): Promise<void> {
    await this.pins.unpin(caller, { messageId, chatId });
  }
}
