import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { MarksWriter } from './marks-writer.js';
import { ReceiptsController } from './receipts.controller.js';
import { ReceiptsGateway } from './receipts.gateway.js';
import { ReceiptsRepository } from './receipts.repository.js';
import { ReceiptsService } from './receipts.service.js';
import { StatusUpdatesService } from './status-updates.service.js';

@Module({
  imports: [MessagesModule, StreamsModule],
  controllers: [ReceiptsController],
  providers: [
    ReceiptsService,
    ReceiptsRepository,
    ReceiptsGateway,
    MarksWriter,
    StatusUpdatesService,
  ],
  exports: [ReceiptsGateway, StatusUpdatesService],
})
export class ReceiptsModule {}
