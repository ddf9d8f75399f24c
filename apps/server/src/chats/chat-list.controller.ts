import type { RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ChatListService } from './chat-list.service.js';

@Controller()
export class ChatListController {
  constructor(private readonly lists: ChatListService) {}

  @Route('listChats')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() input: RouteInput<'listChats'>,
  ): Promise<RouteOutput<'listChats'>> {
    return this.lists.list(caller, input);
  }
}
