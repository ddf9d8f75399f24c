import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { UsersModule } from '../users/users.module.js';
import { ReactionsController } from './reactions.controller.js';
import { ReactionsGateway } from './reactions.gateway.js';
import { ReactionsRepository } from './reactions.repository.js';
import { ReactionsService } from './reactions.service.js';

@Module({
  imports: [MessagesModule, UsersModule],
  controllers: [ReactionsController],
  providers: [ReactionsService, ReactionsRepository, ReactionsGateway],
  exports: [ReactionsGateway],
})
export class ReactionsModule {}
