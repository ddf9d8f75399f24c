import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { CommandHandlers } from '../commands/command-handlers.js';
import { EditsService } from './edits.service.js';
import { ForwardsService, toDestinations } from './forwards.service.js';
import { MessagesService } from './messages.service.js';

@Injectable()
export class MessagesGateway implements CommandHandlers<
  | 'joinChat'
  | 'sendMessage'
  | 'sendEncryptedMessage'
  | 'sendMedia'
  | 'editMessage'
  | 'deleteMessage'
  | 'forwardMessage'
> {
  constructor(
    private readonly messages: MessagesService,
    private readonly edits: EditsService,
    private readonly forwards: ForwardsService,
  ) {}

  joinChat(caller: Caller, input: CommandInput<'joinChat'>): Promise<CommandOutput<'joinChat'>> {
    return this.messages.open(caller, input);
  }

  sendMessage(
    caller: Caller,
    input: CommandInput<'sendMessage'>,
  ): Promise<CommandOutput<'sendMessage'>> {
    return this.messages.send(caller, { kind: 'text', ...input });
  }

  sendEncryptedMessage(
    caller: Caller,
    input: CommandInput<'sendEncryptedMessage'>,
  ): Promise<CommandOutput<'sendEncryptedMessage'>> {
    return this.messages.send(caller, { kind: 'encrypted', ...input });
  }

  sendMedia(caller: Caller, input: CommandInput<'sendMedia'>): Promise<CommandOutput<'sendMedia'>> {
    return this.messages.send(caller, { kind: 'media', ...input });
  }

  editMessage(
    caller: Caller,
    { messageId, chatId, ...edit }: CommandInput<'editMessage'>,
  ): Promise<CommandOutput<'editMessage'>> {
    return this.edits.edit(caller, { messageId, chatId }, edit);
  }

  deleteMessage(
    caller: Caller,
    input: CommandInput<'deleteMessage'>,
  ): Promise<CommandOutput<'deleteMessage'>> {
    return this.edits.delete(caller, input);
  }

  async forwardMessage(
    caller: Caller,
    { messageId, chatId, ...input }: CommandInput<'forwardMessage'>,
  ): Promise<CommandOutput<'forwardMessage'>> {
    const destinations = toDestinations(input);
    return { messages: await this.forwards.forward(caller, { messageId, chatId }, destinations) };
  }
}
