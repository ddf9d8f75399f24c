import type { Chat, RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { GroupsService } from './groups.service.js';

@Controller()
export class GroupsController {
  constructor(private readonly groups: GroupsService) {}

  @Route('updateChat')
  update(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...changes }: RouteInput<'updateChat'>,
  ): Promise<Chat> {
    return this.groups.update(caller, id, changes);
  }

  @Route('deleteChat')
  delete(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'deleteChat'>,
  ): Promise<void> {
    return this.groups.delete(caller, id);
  }
}
