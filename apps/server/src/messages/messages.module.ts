import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { MessagesController } from './messages.controller.js';
import { MessagesGateway } from './messages.gateway.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService } from './messages.service.js';

@Module({
  imports: [ChatsModule, StreamsModule],
  controllers: [MessagesController],
  providers: [MessagesService, MessagesRepository, MessagesGateway],
  exports: [MessagesGateway],
})
export class MessagesModule {}
