import type { RouteInput, RouteOutput, User } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import { DirectoryService } from './directory.service.js';
import { UsersService } from './users.service.js';

@Controller()
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly directory: DirectoryService,
  ) {}

  @Route('getOwnUser')
  getOwnUser(@FromCaller() caller: Caller): Promise<User> {
    return this.users.own(caller);
  }

  @Route('updateProfile')
  updateProfile(
    @FromCaller() caller: Caller,
    @FromRequest() input: RouteInput<'updateProfile'>,
  ): Promise<User> {
    return this.users.update(caller, input);
  }

  @Route('listUsers')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() input: RouteInput<'listUsers'>,
  ): Promise<RouteOutput<'listUsers'>> {
    return this.directory.list(caller, input);
  }

  @Route('getUser')
  get(@FromCaller() caller: Caller, @FromRequest() { id }: RouteInput<'getUser'>): Promise<User> {
    return this.users.get(caller, id);
  }
}
