import type { Chat, RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { Creation } from '../http/creation.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import { ChatsService } from './chats.service.js';

@Controller()
export class ChatsController {
  constructor(private readonly chats: ChatsService) {}

  @Route('createChat')
  create(
    @FromCaller() caller: Caller,
    @FromRequest() input: RouteInput<'createChat'>,
  ): Promise<Creation<Chat>> {
    return this.chats.create(caller, input);
  }

  @Route('getChat')
  get(@FromCaller() caller: Caller, @FromRequest() { id }: RouteInput<'getChat'>): Promise<Chat> {
    return this.chats.get(caller, id);
  }
}
