import type { Log, RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import { LogService } from './log.service.js';

@Controller()
export class SyncController {
  constructor(private readonly log: LogService) {}

  @Route('getLog')
  getLog(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...bounds }: RouteInput<'getLog'>,
  ): Promise<Log> {
    return this.log.read(caller, id, bounds);
  }
}
