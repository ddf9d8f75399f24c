import type { DeviceId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';

/** A device and whose it is. */
export type ConnectedDevice = Pick<Caller, 'userId' | 'deviceId'>;

export interface ConnectionsListener {
  /** A user has his first socket. */
  userCame?(userId: UserId): void;
  /** A device has its first socket. */
  deviceCame?(device: ConnectedDevice): void;
  /** The last socket of a device was closed. */
  deviceGone?(device: ConnectedDevice): void;
  /** The last socket of a user was closed. */
  userGone?(userId: UserId): void;
}

/** Counts the sockets of this node by user and device. */
@Injectable()
export class Connections {
  private readonly sockets = new Map<UserId, Map<DeviceId, number>>();
  private readonly listeners: ConnectionsListener[] = [];

  subscribe(listener: ConnectionsListener): void {
    this.listeners.push(listener);
  }

  /** Whether the device has a socket. */
  hasDevice({ userId, deviceId }: ConnectedDevice): boolean {
    return this.sockets.get(userId)?.has(deviceId) ?? false;
  }

  hasUser(userId: UserId): boolean {
    return this.sockets.has(userId);
  }

  /** Every device that has a socket, in no order. */
  devices(): ConnectedDevice[] {
    return [...this.sockets].flatMap(([userId, devices]) =>
      [...devices.keys()].map((deviceId) => ({ userId, deviceId })),
    );
  }

  add({ userId, deviceId }: ConnectedDevice): void {
    const before = this.sockets.get(userId);
    const devices = before ?? new Map<DeviceId, number>();
    const sockets = devices.get(deviceId) ?? 0;
    this.sockets.set(userId, devices.set(deviceId, sockets + 1));
    if (!before) for (const listener of this.listeners) listener.userCame?.(userId);
    if (sockets > 0) return;
    for (const listener of this.listeners) listener.deviceCame?.({ userId, deviceId });
  }

  remove({ userId, deviceId }: ConnectedDevice): void {
    const devices = this.sockets.get(userId);
    const left = (devices?.get(deviceId) ?? 0) - 1;
    if (left > 0) {
      devices?.set(deviceId, left);
      return;
    }
    devices?.delete(deviceId);
    for (const listener of this.listeners) listener.deviceGone?.({ userId, deviceId });
    if (devices?.size !== 0) return;
    this.sockets.delete(userId);
    for (const listener of this.listeners) listener.userGone?.(userId);
  }
}
