import type { RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { SearchService } from './search.service.js';

@Controller()
export class SearchController {
  constructor(private readonly search: SearchService) {}

  @Route('searchMessages')
  messages(
    @FromCaller() caller: Caller,
    @FromRequest() request: RouteInput<'searchMessages'>,
  ): Promise<RouteOutput<'searchMessages'>> {
    return this.search.messages(caller, request);
  }
}
