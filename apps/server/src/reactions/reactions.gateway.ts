import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { CommandHandlers } from '../commands/command-handlers.js';
import type { Caller } from '../identity/caller.js';
import { ReactionsService } from './reactions.service.js';

@Injectable()
export class ReactionsGateway implements CommandHandlers<'addReaction' | 'removeReaction'> {
  constructor(private readonly reactions: ReactionsService) {}

  addReaction(
    caller: Caller,
    { emoji, ...reference }: CommandInput<'addReaction'>,
  ): Promise<CommandOutput<'addReaction'>> {
    return this.reactions.add(caller, reference, emoji);
  }

  removeReaction(
    caller: Caller,
    { emoji, ...reference }: CommandInput<'removeReaction'>,
  ): Promise<CommandOutput<'removeReaction'>> {
    return this.reactions.remove(caller, reference, emoji);
  }
}
