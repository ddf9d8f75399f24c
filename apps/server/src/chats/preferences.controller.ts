import type { Chat, RouteInput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { PreferencesService } from './preferences.service.js';

@Controller()
export class PreferencesController {
  constructor(private readonly preferences: PreferencesService) {}

  @Route('setPreferences')
  set(
    @FromCaller() caller: Caller,
    @FromRequest() { id, ...changes }: RouteInput<'setPreferences'>,
  ): Promise<Chat> {
    return this.preferences.set(caller, id, changes);
  }
}
