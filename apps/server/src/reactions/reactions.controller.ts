import type { MessageChange, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ReactionsService } from './reactions.service.js';

@Controller()
export class ReactionsController {
  constructor(private readonly reactions: ReactionsService) {}

  @Route('listReactions')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...query }: RouteInput<'listReactions'>,
  ): Promise<RouteOutput<'listReactions'>> {
    return this.reactions.list(caller, id, query);
  }

  @Route('addReaction')
  add(
    @FromCaller() caller: Caller,
    @FromRequest() { id, emoji }: RouteInput<'addReaction'>,
  ): Promise<MessageChange> {
    return this.reactions.add(caller, { messageId: id }, emoji);
  }

  @Route('removeReaction')
  remove(
    @FromCaller() caller: Caller,
    @FromRequest() { id, emoji }: RouteInput<'removeReaction'>,
  ): Promise<MessageChange> {
    return this.reactions.remove(caller, { messageId: id }, emoji);
  }
}
