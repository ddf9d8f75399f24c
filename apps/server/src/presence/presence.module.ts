import { Module } from '@nestjs/common';
import { Connections } from './connections.js';
import { InProcessOnlineUsers, OnlineUsers } from './online-users.js';
import { PresenceRepository } from './presence.repository.js';
import { PresenceService } from './presence.service.js';

@Module({
  providers: [
    Connections,
    PresenceService,
    PresenceRepository,
    { provide: OnlineUsers, useClass: InProcessOnlineUsers },
  ],
  exports: [Connections, PresenceService],
})
export class PresenceModule {}
