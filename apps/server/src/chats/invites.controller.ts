import type { InvitedChat, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { InvitesService } from './invites.service.js';

@Controller()
export class InvitesController {
  constructor(private readonly invites: InvitesService) {}

  @Route('createInvite')
  async create(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'createInvite'>,
  ): Promise<RouteOutput<'createInvite'>> {
    return { inviteCode: await this.invites.create(caller, id) };
  }

  @Route('deleteInvite')
  end(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'deleteInvite'>,
  ): Promise<void> {
    return this.invites.end(caller, id);
  }

  @Route('getInvite')
  find(@FromRequest() { code }: RouteInput<'getInvite'>): Promise<InvitedChat> {
    return this.invites.find(code);
  }
}
