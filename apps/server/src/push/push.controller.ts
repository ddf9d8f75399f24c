import type { RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { PushService } from './push.service.js';

@Controller()
export class PushController {
  constructor(private readonly push: PushService) {}

  @Route('getPushKey')
  key(): RouteOutput<'getPushKey'> {
    return { publicKey: this.push.publicKey };
  }

  @Route('subscribeToPush')
  subscribe(
    @FromCaller() caller: Caller,
    @FromRequest() subscription: RouteInput<'subscribeToPush'>,
  ): Promise<void> {
    return this.push.subscribe(caller, subscription);
  }

  @Route('unsubscribeFromPush')
  unsubscribe(@FromCaller() caller: Caller): Promise<void> {
    return this.push.unsubscribe(caller);
  }
}
