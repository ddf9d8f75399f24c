import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { CommandHandlers } from '../commands/command-handlers.js';
import type { Caller } from '../identity/caller.js';
import { StarsService } from './stars.service.js';

@Injectable()
export class StarsGateway implements CommandHandlers<'starMessage' | 'unstarMessage'> {
  constructor(private readonly stars: StarsService) {}

  starMessage(
    caller: Caller,
    reference: CommandInput<'starMessage'>,
  ): Promise<CommandOutput<'starMessage'>> {
    return this.stars.set(caller, reference, true);
  }

  unstarMessage(
    caller: Caller,
    reference: CommandInput<'unstarMessage'>,
  ): Promise<CommandOutput<'unstarMessage'>> {
    return this.stars.set(caller, reference, false);
  }
}
