import { Module } from '@nestjs/common';
import { Relay } from '../relay/relay.js';
import { Connections } from './connections.js';
import { InProcessLiveDevices, LiveDevices } from './live-devices.js';
import { InProcessOnlineUsers, OnlineUsers } from './online-users.js';
import { RelayedOnlineUsers } from './relayed-online-users.js';
import { PresenceRepository } from './presence.repository.js';
import { PresenceService } from './presence.service.js';

function onlineUsersOf(relay: Relay): OnlineUsers {
  return relay.reachesOthers ? new RelayedOnlineUsers(relay) : new InProcessOnlineUsers();
}

@Module({
  providers: [
    Connections,
    PresenceService,
    PresenceRepository,
    { provide: LiveDevices, useClass: InProcessLiveDevices },
    { provide: OnlineUsers, useFactory: onlineUsersOf, inject: [Relay] },
  ],
  exports: [Connections, LiveDevices, PresenceService],
})
export class PresenceModule {}
