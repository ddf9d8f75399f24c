import { Module } from '@nestjs/common';
import { Relay } from '../relay/relay.js';
import { Connections } from './connections.js';
import { InProcessLiveDevices, LiveDevices } from './live-devices.js';
import { OnlineUsers } from './online-users.js';
import { PresenceRepository } from './presence.repository.js';
import { PresenceService } from './presence.service.js';
import { RelayedLiveDevices } from './relayed-live-devices.js';

function liveDevicesOf(connections: Connections, relay: Relay): LiveDevices {
  return relay.reachesOthers
    ? new RelayedLiveDevices(connections, relay)
    : new InProcessLiveDevices(connections);
}

function onlineUsersOf(liveDevices: LiveDevices): OnlineUsers {
  const online = new OnlineUsers();
  liveDevices.subscribe({
    userCame: (userId, node) => online.arrive(userId, node),
    userGone: (userId, node) => online.leave(userId, node),
  });
  return online;
}

@Module({
  providers: [
    Connections,
    PresenceService,
    PresenceRepository,
    { provide: LiveDevices, useFactory: liveDevicesOf, inject: [Connections, Relay] },
    { provide: OnlineUsers, useFactory: onlineUsersOf, inject: [LiveDevices] },
  ],
  exports: [Connections, LiveDevices, PresenceService],
})
export class PresenceModule {}
