import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { CommandHandlers } from '../commands/command-handlers.js';
import { MembersService } from './members.service.js';

@Injectable()
export class ChatsGateway implements CommandHandlers<'leaveChat'> {
  constructor(private readonly members: MembersService) {}

  async leaveChat(
    caller: Caller,
    { chatId }: CommandInput<'leaveChat'>,
  ): Promise<CommandOutput<'leaveChat'>> {
    return { userSeq: await this.members.leave(caller, chatId) };
  }
}
