import type { MessageReceipts, RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ReceiptsService } from './receipts.service.js';

@Controller()
export class ReceiptsController {
  constructor(private readonly receipts: ReceiptsService) {}

  @Route('getReceipts')
  get(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'getReceipts'>,
  ): Promise<MessageReceipts> {
    return this.receipts.of(caller, id);
  }

  @Route('setMarks')
  mark(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...marks }: RouteInput<'setMarks'>,
  ): Promise<void> {
    return this.receipts.mark(caller, id, marks);
  }
}
