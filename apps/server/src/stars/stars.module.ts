import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { StarsController } from './stars.controller.js';
import { StarsGateway } from './stars.gateway.js';
import { StarsRepository } from './stars.repository.js';
import { StarsService } from './stars.service.js';

@Module({
  imports: [MessagesModule, StreamsModule],
  controllers: [StarsController],
  providers: [StarsService, StarsRepository, StarsGateway],
  exports: [StarsGateway],
})
export class StarsModule {}
