import type { Chat, RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ClearingService } from './clearing.service.js';
import { DraftsService } from './drafts.service.js';
import { PreferencesService } from './preferences.service.js';

@Controller()
export class PreferencesController {
  constructor(
    private readonly preferences: PreferencesService,
    private readonly drafts: DraftsService,
    private readonly clearing: ClearingService,
  ) {}

  @Route('setPreferences')
  set(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...changes }: RouteInput<'setPreferences'>,
  ): Promise<Chat> {
    return this.preferences.set(caller, id, changes);
  }

  @Route('setDraft')
  async setDraft(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...draft }: RouteInput<'setDraft'>,
  ): Promise<void> {
    await this.drafts.set(caller, id, draft);
  }

  @Route('deleteDraft')
  async deleteDraft(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'deleteDraft'>,
  ): Promise<void> {
    await this.drafts.set(caller, id, {});
  }

  @Route('clearChat')
  async clear(
    @FromCaller() caller: Caller,
    @FromRequest() { id, upToSeq }: RouteInput<'clearChat'>,
  ): Promise<void> {
    await this.clearing.clear(caller, id, upToSeq);
  }
}
