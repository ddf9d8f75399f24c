import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { MediaModule } from '../media/media.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { UsersModule } from '../users/users.module.js';
import { ExportController } from './export.controller.js';
import { ExportService } from './export.service.js';

@Module({
  imports: [ChatsModule, DevicesModule, MediaModule, MessagesModule, UsersModule],
  controllers: [ExportController],
  providers: [ExportService],
})
export class ExportModule {}
