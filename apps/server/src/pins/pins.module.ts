import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { PinsController } from './pins.controller.js';
import { PinsGateway } from './pins.gateway.js';
import { PinsRepository } from './pins.repository.js';
import { PinsService } from './pins.service.js';

@Module({
  imports: [ChatsModule, MessagesModule],
  controllers: [PinsController],
  providers: [PinsService, PinsRepository, PinsGateway],
  exports: [PinsGateway],
})
export class PinsModule {}
