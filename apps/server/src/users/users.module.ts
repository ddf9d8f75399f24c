import { Module } from '@nestjs/common';
import { MediaModule } from '../media/media.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { BlocksController } from './blocks.controller.js';
import { BlocksRepository } from './blocks.repository.js';
import { BlocksService } from './blocks.service.js';
import { DirectoryRepository } from './directory.repository.js';
import { DirectoryService } from './directory.service.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [MediaModule, PresenceModule, StreamsModule],
  controllers: [BlocksController, UsersController],
  providers: [
    UsersService,
    UsersRepository,
    DirectoryService,
    DirectoryRepository,
    BlocksService,
    BlocksRepository,
  ],
  exports: [UsersService, BlocksService],
})
export class UsersModule {}
