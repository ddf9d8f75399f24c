import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { CommandHandlers } from '../commands/command-handlers.js';
import { MessagesService } from './messages.service.js';

@Injectable()
export class MessagesGateway implements CommandHandlers<'joinChat' | 'sendMessage'> {
  constructor(private readonly messages: MessagesService) {}

  joinChat(caller: Caller, input: CommandInput<'joinChat'>): Promise<CommandOutput<'joinChat'>> {
    return this.messages.open(caller, input);
  }

  sendMessage(
    caller: Caller,
    input: CommandInput<'sendMessage'>,
  ): Promise<CommandOutput<'sendMessage'>> {
    return this.messages.send(caller, input);
  }
}
