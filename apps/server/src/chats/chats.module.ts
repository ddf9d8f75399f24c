import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams/streams.module.js';
import { UsersModule } from '../users/users.module.js';
import { ChatsController } from './chats.controller.js';
import { ChatsGateway } from './chats.gateway.js';
import { ChatsPolicy } from './chats.policy.js';
import { ChatsRepository } from './chats.repository.js';
import { ChatsService } from './chats.service.js';
import { MembersController } from './members.controller.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';

@Module({
  imports: [StreamsModule, UsersModule],
  controllers: [ChatsController, MembersController],
  providers: [
    ChatsService,
    ChatsRepository,
    ChatsPolicy,
    ChatsGateway,
    MembersService,
    MembersRepository,
  ],
  exports: [ChatsService, ChatsPolicy, ChatsGateway, MembersService],
})
export class ChatsModule {}
