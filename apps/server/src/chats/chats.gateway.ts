import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { CommandHandlers } from '../commands/command-handlers.js';
import { ClearingService } from './clearing.service.js';
import { DraftsService } from './drafts.service.js';
import { MembersService } from './members.service.js';

@Injectable()
export class ChatsGateway implements CommandHandlers<'leaveChat' | 'setDraft' | 'clearChat'> {
  constructor(
    private readonly members: MembersService,
    private readonly drafts: DraftsService,
    private readonly clearing: ClearingService,
  ) {}

  async leaveChat(
    caller: Caller,
    { chatId }: CommandInput<'leaveChat'>,
  ): Promise<CommandOutput<'leaveChat'>> {
    return { userSeq: await this.members.leave(caller, chatId) };
  }

  setDraft(
    caller: Caller,
    { chatId, ...draft }: CommandInput<'setDraft'>,
  ): Promise<CommandOutput<'setDraft'>> {
    return this.drafts.set(caller, chatId, draft);
  }

  clearChat(
    caller: Caller,
    { chatId, upToSeq }: CommandInput<'clearChat'>,
  ): Promise<CommandOutput<'clearChat'>> {
    return this.clearing.clear(caller, chatId, upToSeq);
  }
}
