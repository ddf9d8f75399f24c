import type { DeviceId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';

type ConnectedDevice = Pick<Caller, 'userId' | 'deviceId'>;

export interface ConnectionsListener {
  /** The last socket of a device was closed. */
  deviceGone?(device: ConnectedDevice): void;
}

/** Which users and devices have a socket on this node. */
@Injectable()
export class Connections {
  private readonly sockets = new Map<UserId, Map<DeviceId, number>>();
  private readonly listeners: ConnectionsListener[] = [];

  subscribe(listener: ConnectionsListener): void {
    this.listeners.push(listener);
  }

  add({ userId, deviceId }: ConnectedDevice): void {
    const devices = this.sockets.get(userId) ?? new Map<DeviceId, number>();
    this.sockets.set(userId, devices.set(deviceId, (devices.get(deviceId) ?? 0) + 1));
  }

  remove({ userId, deviceId }: ConnectedDevice): void {
    const devices = this.sockets.get(userId);
    const left = (devices?.get(deviceId) ?? 0) - 1;
    if (left > 0) {
      devices?.set(deviceId, left);
      return;
    }
    devices?.delete(deviceId);
    if (devices?.size === 0) this.sockets.delete(userId);
    for (const listener of this.listeners) listener.deviceGone?.({ userId, deviceId });
  }

  has(userId: UserId): boolean {
    return this.sockets.has(userId);
  }

  hasDevice({ userId, deviceId }: ConnectedDevice): boolean {
    return this.sockets.get(userId)?.has(deviceId) ?? false;
  }
}
