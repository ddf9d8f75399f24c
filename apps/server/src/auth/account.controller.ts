import type { RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromAddress, FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { AccountService } from './account.service.js';

@Controller()
export class AccountController {
  constructor(private readonly account: AccountService) {}

  @Route('deleteAccount')
  delete(
    @FromCaller() caller: Caller,
    @FromRequest() input: RouteInput<'deleteAccount'>,
    @FromAddress() address: string,
  ): Promise<void> {
    return this.account.delete(caller, input, address);
  }
}
