import type { RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { BlocksService } from './blocks.service.js';

@Controller()
export class BlocksController {
  constructor(private readonly blocks: BlocksService) {}

  @Route('blockUser')
  block(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'blockUser'>,
  ): Promise<void> {
    return this.blocks.block(caller, id);
  }

  @Route('unblockUser')
  unblock(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'unblockUser'>,
  ): Promise<void> {
    return this.blocks.unblock(caller, id);
  }

  @Route('listBlocks')
  list(
    @FromCaller() caller: Caller,
    @FromRequest() page: RouteInput<'listBlocks'>,
  ): Promise<RouteOutput<'listBlocks'>> {
    return this.blocks.list(caller, page);
  }
}
