import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { EditsService } from './edits.service.js';
import { ExpiryService } from './expiry.service.js';
import { ForwardsService } from './forwards.service.js';
import { HistoryRepository } from './history.repository.js';
import { MessageChanges } from './message-changes.js';
import { MessagesController } from './messages.controller.js';
import { MessagesGateway } from './messages.gateway.js';
import { MessagesPolicy } from './messages.policy.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService } from './messages.service.js';

@Module({
  imports: [ChatsModule, StreamsModule],
  controllers: [MessagesController],
  providers: [
    MessagesService,
    EditsService,
    ExpiryService,
    ForwardsService,
    MessageChanges,
    MessagesPolicy,
    MessagesRepository,
    HistoryRepository,
    MessagesGateway,
  ],
  exports: [MessagesGateway, MessagesService, MessagesPolicy, MessageChanges],
})
export class MessagesModule {}
