import { Module } from '@nestjs/common';
import { PresenceModule } from '../presence/presence.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { DeviceUse } from './device-use.js';
import { DevicesController } from './devices.controller.js';
import { DevicesRepository } from './devices.repository.js';
import { DevicesService } from './devices.service.js';
import { RefreshTokens } from './refresh-tokens.js';

@Module({
  imports: [PresenceModule, StreamsModule],
  controllers: [DevicesController],
  providers: [DeviceUse, DevicesService, DevicesRepository, RefreshTokens],
  exports: [DevicesService],
})
export class DevicesModule {}
