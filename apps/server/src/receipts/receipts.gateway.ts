import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { CommandHandlers } from '../commands/command-handlers.js';
import type { Caller } from '../identity/caller.js';
import { ReceiptsService } from './receipts.service.js';

@Injectable()
export class ReceiptsGateway implements CommandHandlers<'messageDelivered' | 'messageSeen'> {
  constructor(private readonly receipts: ReceiptsService) {}

  async messageDelivered(
    caller: Caller,
    input: CommandInput<'messageDelivered'>,
  ): Promise<CommandOutput<'messageDelivered'>> {
    await this.receipts.markUpTo(caller, input, 'deliveredSeq');
    return {};
  }

  async messageSeen(
    caller: Caller,
    input: CommandInput<'messageSeen'>,
  ): Promise<CommandOutput<'messageSeen'>> {
    await this.receipts.markUpTo(caller, input, 'seenSeq');
    return {};
  }
}
