import type { CommandInput, CommandOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { CommandHandlers } from '../commands/command-handlers.js';
import { SyncService } from './sync.service.js';

@Injectable()
export class SyncGateway implements CommandHandlers<'sync'> {
  constructor(private readonly syncs: SyncService) {}

  sync(caller: Caller, input: CommandInput<'sync'>): Promise<CommandOutput<'sync'>> {
    return this.syncs.sync(caller, input);
  }
}
