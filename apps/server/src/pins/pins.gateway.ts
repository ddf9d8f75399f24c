import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { CommandHandlers } from '../commands/command-handlers.js';
import type { Caller } from '../identity/caller.js';
import { PinsService } from './pins.service.js';

@Injectable()
export class PinsGateway implements CommandHandlers<'pinMessage' | 'unpinMessage'> {
  constructor(private readonly pins: PinsService) {}

  pinMessage(
    caller: Caller,
    reference: CommandInput<'pinMessage'>,
  ): Promise<CommandOutput<'pinMessage'>> {
    return this.pins.pin(caller, reference);
  }

  unpinMessage(
    caller: Caller,
    reference: CommandInput<'unpinMessage'>,
  ): Promise<CommandOutput<'unpinMessage'>> {
    return this.pins.unpin(caller, reference);
  }
}
