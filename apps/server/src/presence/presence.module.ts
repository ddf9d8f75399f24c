import { Module } from '@nestjs/common';
import { Connections } from './connections.js';
import { InProcessLiveDevices, LiveDevices } from './live-devices.js';
import { InProcessOnlineUsers, OnlineUsers } from './online-users.js';
import { PresenceRepository } from './presence.repository.js';
import { PresenceService } from './presence.service.js';

@Module({
  providers: [
    Connections,
    PresenceService,
    PresenceRepository,
    { provide: LiveDevices, useClass: InProcessLiveDevices },
    { provide: OnlineUsers, useClass: InProcessOnlineUsers },
  ],
  exports: [Connections, LiveDevices, PresenceService],
})
export class PresenceModule {}
