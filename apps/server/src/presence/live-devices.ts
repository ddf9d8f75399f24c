import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type ConnectedDevice, Connections } from './connections.js';

export interface OtherNodesListener {
  /** A user has his first device on another node. */
  userCame(userId: UserId, node: string): void;
  /** He has none there any more. */
  userGone(userId: UserId, node: string): void;
}

/** Which devices are connected at this moment, over all nodes: they get everything live. */
export abstract class LiveDevices {
  abstract has(device: ConnectedDevice): boolean;
  /** Whether any device of the user is connected. */
  abstract hasAnyOf(userId: UserId): boolean;
  /** The listener is told of other nodes alone. */
  abstract subscribe(listener: OtherNodesListener): void;
}

/** The same of a single node. */
@Injectable()
export class InProcessLiveDevices extends LiveDevices {
  constructor(private readonly connections: Connections) {
    super();
  }

  has(device: ConnectedDevice): boolean {
    return this.connections.hasDevice(device);
  }

  hasAnyOf(userId: UserId): boolean {
    return this.connections.hasUser(userId);
  }

  subscribe(): void {
    // There is no other node.
  }
}
