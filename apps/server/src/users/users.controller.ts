import type { User } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { FromCaller, Route } from '../http/route.decorator.js';
import { UsersService } from './users.service.js';

@Controller()
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Route('getOwnUser')
  getOwnUser(@FromCaller() caller: Caller): Promise<User> {
    return this.users.own(caller);
  }
}
