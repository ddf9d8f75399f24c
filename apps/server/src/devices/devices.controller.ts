import type { Device, RouteInput, RouteOutput } from '@natter/protocol';
import { Controller } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { DevicesService } from './devices.service.js';

@Controller()
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Route('listDevices')
  async list(@FromCaller() caller: Caller): Promise<RouteOutput<'listDevices'>> {
    return { items: await this.devices.list(caller) };
  }

  @Route('renameDevice')
  rename(
    @FromCaller() caller: Caller,
    @FromRequest() { id, name }: RouteInput<'renameDevice'>,
  ): Promise<Device> {
    return this.devices.rename(caller, id, name);
  }

  @Route('revokeDevice')
  revoke(
    @FromCaller() caller: Caller,
    @FromRequest() { id }: RouteInput<'revokeDevice'>,
  ): Promise<void> {
    return this.devices.revokeOwn(caller, id);
  }
}
