import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams/streams.module.js';
import { DevicesController } from './devices.controller.js';
import { DevicesRepository } from './devices.repository.js';
import { DevicesService } from './devices.service.js';
import { RefreshTokens } from './refresh-tokens.js';

@Module({
  imports: [StreamsModule],
  controllers: [DevicesController],
  providers: [DevicesService, DevicesRepository, RefreshTokens],
  exports: [DevicesService],
})
export class DevicesModule {}
