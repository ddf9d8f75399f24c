import { DeviceId, UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import * as z from 'zod/mini';
import type { Relay } from '../relay/relay.js';
import type { ConnectedDevice, Connections } from './connections.js';
import { LiveDevices, type OtherNodesListener } from './live-devices.js';

/** What comes and goes within this is told together. */
const GATHER_MS = 20;
const HEARTBEAT_MS = 5000;
/** A node that was not heard of for this long is dead, and nothing is connected to it. */
const EXPIRY_MS = 30_000;

const Devices = z.array(z.tuple([UserId, DeviceId]));
type Devices = z.output<typeof Devices>;
const Version = z.int().check(z.nonnegative());
const DevicesMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('moved'), version: Version, came: Devices, left: Devices }),
  z.object({ kind: z.literal('alive'), version: Version }),
  z.object({ kind: z.literal('ask'), node: z.string() }),
  z.object({ kind: z.literal('all'), version: Version, devices: Devices }),
  z.object({ kind: z.literal('bye') }),
]);
/** What nodes tell each other of who is connected. */
type DevicesMessage = z.output<typeof DevicesMessage>;

/** Another node, as far as it was heard of. */
interface Peer {
  /** Of the last `moved` that everything before it was heard of, too; absent before the first `all`. */
  version: number | undefined;
  heardAt: number;
  readonly devices: Map<UserId, Set<DeviceId>>;
}

function listed(devices: Peer['devices']): Devices {
  return [...devices].flatMap(([userId, ids]) =>
    [...ids].map((deviceId): Devices[number] => [userId, deviceId]),
  );
}

function paired(devices: readonly ConnectedDevice[]): Devices {
  return devices.map(({ userId, deviceId }) => [userId, deviceId]);
}

/**
 * Which devices are connected to all nodes. Each tells the others what comes and goes, by numbered messages; who misses one
 * asks for all. A node that falls silent is dead after half a minute, but none is while the relay is unwell: then who is
 * online stays as it was last heard, and is set right when it is back. A device is not held to be connected by what was
 * heard before: to alert it once too often does less harm than not at all.
 */
@Injectable()
export class RelayedLiveDevices
  extends LiveDevices
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  private version = 0;
  /** What came or left, and of which the others were not told. */
  private untold = new Map<DeviceId, ConnectedDevice>();
  private gathering: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private readonly peers = new Map<string, Peer>();
  private readonly listeners: OtherNodesListener[] = [];
  private healthySince = 0;
  private hasLeft = false;

  constructor(
    private readonly connections: Connections,
    private readonly relay: Relay,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.connections.subscribe({
      deviceCame: (device) => this.gather(device),
      deviceGone: (device) => this.gather(device),
    });
    this.relay.subscribe('devices', (message, from) => this.hear(message, from));
    this.relay.subscribeToHealth((isHealthy) => {
      this.healthySince = performance.now();
      if (isHealthy) this.tell({ kind: 'alive', version: this.version });
    });
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.tell({ kind: 'alive', version: this.version });
  }

  /** All clients of this node are about to connect elsewhere. */
  beforeApplicationShutdown(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.gathering);
    this.hasLeft = true;
    this.tell({ kind: 'bye' });
  }

  has(device: ConnectedDevice): boolean {
    const { userId, deviceId } = device;
    return (
      this.connections.hasDevice(device) ||
      this.isOnAnother(({ devices }) => devices.get(userId)?.has(deviceId) ?? false)
    );
  }

  hasAnyOf(userId: UserId): boolean {
    return (
      this.connections.hasUser(userId) || this.isOnAnother(({ devices }) => devices.has(userId))
    );
  }

  subscribe(listener: OtherNodesListener): void {
    this.listeners.push(listener);
  }

  private isOnAnother(isOn: (peer: Peer) => boolean): boolean {
    return this.relay.isHealthy && [...this.peers.values()].some(isOn);
  }

  private gather(device: ConnectedDevice): void {
    if (this.hasLeft) return;
    this.untold.set(device.deviceId, device);
    this.gathering ??= setTimeout(() => this.tellMoves(), GATHER_MS);
  }

  private tellMoves(): void {
    this.gathering = undefined;
    const moved = [...this.untold.values()];
    this.untold = new Map();
    const isHere = (device: ConnectedDevice) => this.connections.hasDevice(device);
    const came = paired(moved.filter(isHere));
    const left = paired(moved.filter((device) => !isHere(device)));
    this.version += 1;
    this.tell({ kind: 'moved', version: this.version, came, left });
  }

  private tell(message: DevicesMessage): void {
    this.relay.send('devices', message);
  }

  private beat(): void {
    this.tell({ kind: 'alive', version: this.version });
    if (!this.relay.isHealthy) return;
    const now = performance.now();
    for (const [node, peer] of this.peers) {
      if (now - Math.max(peer.heardAt, this.healthySince) > EXPIRY_MS) this.forget(node, peer);
    }
  }

  private hear(message: unknown, from: string): void {
    const { data: heard } = z.safeParse(DevicesMessage, message);
    if (!heard || this.hasLeft) return;
    const peer = this.peers.get(from) ?? { version: undefined, heardAt: 0, devices: new Map() };
    peer.heardAt = performance.now();
    this.peers.set(from, peer);
    switch (heard.kind) {
      case 'moved':
        this.move(from, peer, heard.came, heard.left);
        if (heard.version - 1 === peer.version) peer.version = heard.version;
        else this.tell({ kind: 'ask', node: from });
        break;
      case 'alive':
        if (heard.version !== peer.version) this.tell({ kind: 'ask', node: from });
        break;
      case 'ask':
        if (heard.node === this.relay.nodeId) this.tellAll();
        break;
      case 'all':
        this.replace(from, peer, heard.devices);
        peer.version = heard.version;
        break;
      case 'bye':
        this.forget(from, peer);
        break;
    }
  }

  private tellAll(): void {
    clearTimeout(this.gathering);
    if (this.untold.size > 0) this.tellMoves();
    const devices = paired(this.connections.devices());
    this.tell({ kind: 'all', version: this.version, devices });
  }

  private replace(node: string, peer: Peer, all: Devices): void {
    const there = new Set(all.map(([, deviceId]) => deviceId));
    const left = listed(peer.devices).filter(([, deviceId]) => !there.has(deviceId));
    this.move(node, peer, all, left);
  }

  private move(node: string, { devices }: Peer, came: Devices, left: Devices): void {
    for (const [userId, deviceId] of came) {
      const known = devices.get(userId);
      devices.set(userId, (known ?? new Set()).add(deviceId));
      if (!known) for (const listener of this.listeners) listener.userCame(userId, node);
    }
    for (const [userId, deviceId] of left) {
      const known = devices.get(userId);
      if (!known?.delete(deviceId) || known.size > 0) continue;
      devices.delete(userId);
      for (const listener of this.listeners) listener.userGone(userId, node);
    }
  }

  private forget(node: string, peer: Peer): void {
    this.move(node, peer, [], listed(peer.devices));
    this.peers.delete(node);
  }
}
