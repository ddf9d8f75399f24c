import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { UsersModule } from '../users/users.module.js';
import { LogService } from './log.service.js';
import { SyncController } from './sync.controller.js';
import { SyncGateway } from './sync.gateway.js';
import { SyncRepository } from './sync.repository.js';
import { SyncService } from './sync.service.js';
import { UserEntriesService } from './user-entries.service.js';

@Module({
  imports: [ChatsModule, DevicesModule, StreamsModule, UsersModule],
  controllers: [SyncController],
  providers: [SyncService, SyncRepository, SyncGateway, LogService, UserEntriesService],
  exports: [SyncGateway, UserEntriesService],
})
export class SyncModule {}
