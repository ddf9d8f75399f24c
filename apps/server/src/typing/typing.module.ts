import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { PresenceModule } from '../presence/presence.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { UsersModule } from '../users/users.module.js';
import { TypingGateway } from './typing.gateway.js';
import { TypingService } from './typing.service.js';

@Module({
  imports: [ChatsModule, PresenceModule, StreamsModule, UsersModule],
  providers: [TypingService, TypingGateway],
  exports: [TypingGateway],
})
export class TypingModule {}
