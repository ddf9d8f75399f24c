import type { History, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { Creation } from '../http/creation.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import { MessagesService } from './messages.service.js';

@Controller()
export class MessagesController {
  constructor(private readonly messages: MessagesService) {}

  @Route('getHistory')
  history(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...bounds }: RouteInput<'getHistory'>,
  ): Promise<History> {
    return this.messages.history(caller, id, bounds);
  }

  @Route('sendMessage')
  async send(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...content }: RouteInput<'sendMessage'>,
  ): Promise<Creation<RouteOutput<'sendMessage'>>> {
    const value = await this.messages.send(caller, { chatId: id, ...content });
    return { created: !value.duplicate, value };
  }
}
