import type { Chat, Member, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import { ChatsService } from './chats.service.js';
import { MembersService } from './members.service.js';

@Controller()
export class MembersController {
  constructor(
    private readonly chats: ChatsService,
    private readonly members: MembersService,
  ) {}

  @Route('joinGroup')
  async join(
    @FromCaller() caller: Caller,
    @FromRequest() { id, inviteCode }: RouteInput<'joinGroup'>,
  ): Promise<Chat> {
    await this.members.enter(caller, id, inviteCode);
    return this.chats.get(caller, id);
  }

  @Route('leaveGroup')
  async leave(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'leaveGroup'>,
  ): Promise<void> {
    await this.members.leave(caller, id);
  }

  @Route('listMembers')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...page }: RouteInput<'listMembers'>,
  ): Promise<RouteOutput<'listMembers'>> {
    return this.members.list(caller, id, page);
  }

  @Route('addMembers')
  async add(
    @FromCaller() caller: Caller,
    @FromRequest() { id, userIds }: RouteInput<'addMembers'>,
  ): Promise<RouteOutput<'addMembers'>> {
    return { added: await this.members.add(caller, id, userIds) };
  }

  @Route('changeRole')
  changeRole(
    @FromCaller() caller: Caller,
    @FromRequest() { id, userId, role }: RouteInput<'changeRole'>,
  ): Promise<Member> {
    return this.members.changeRole(caller, id, userId, role);
  }

  @Route('removeMember')
  remove(
    @FromCaller() caller: Caller,
    @FromRequest() { id, userId }: RouteInput<'removeMember'>,
  ): Promise<void> {
    return this.members.remove(caller, id, userId);
  }
}
