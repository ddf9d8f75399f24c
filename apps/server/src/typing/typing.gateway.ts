import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { CommandHandlers } from '../commands/command-handlers.js';
import type { Caller } from '../identity/caller.js';
import { TypingService } from './typing.service.js';

@Injectable()
export class TypingGateway implements CommandHandlers<'typing' | 'stopTyping'> {
  constructor(private readonly service: TypingService) {}

  async typing(
    caller: Caller,
    { chatId }: CommandInput<'typing'>,
  ): Promise<CommandOutput<'typing'>> {
    await this.service.start(caller, chatId);
    return {};
  }

  async stopTyping(
    caller: Caller,
    { chatId }: CommandInput<'stopTyping'>,
  ): Promise<CommandOutput<'stopTyping'>> {
    await this.service.stop(caller, chatId);
    return {};
  }
}
