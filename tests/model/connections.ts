import type { Session } from '@natter/protocol';
import { callRoute, PASSWORD } from '@natter/testing';
import { dataOf, LiveDevice } from './live-device.js';
import { requireEqual } from './mismatch.js';
import type { Names } from './names.js';
import { pick } from './plan.js';
import { Step } from './step.js';
import { checkSync } from './sync-check.js';
import type { Chat, Device, World } from './world.js';

const SYNC_LIMITS = [1, 3, 100, 500];

/** The devices of a run: their sessions, their sockets, and what they read when they come back. */
export class Connections {
  /** @param afterwards Compares what everybody was sent and sees then. */
  constructor(
    private readonly url: string,
    private readonly world: World,
    private readonly names: Names,
    private readonly live: Map<string, LiveDevice>,
    private readonly afterwards: (step: Step, what: string) => Promise<void>,
  ) {}

  async bringUser(name: string, session: Session): Promise<void> {
    this.names.bind(name, session.user.id);
    const first = this.bringDevice(`${name}d0`, name, session);
    await first.connect();
    const { body } = await callRoute(this.url, 'login', {
      body: { username: session.user.username, password: PASSWORD },
    });
    const userSeq = await first.firstUserSeq();
    this.world.users.set(name, {
      name,
      showsSeen: true,
      addToGroups: 'all',
      blocks: new Map(),
      events: [],
      firstSeq: userSeq,
    });
    const second = this.bringDevice(`${name}d1`, name, body);
    await second.connect();
    for (const device of this.world.devicesOf(name)) await this.synchronize(device, 100);
  }

  private bringDevice(name: string, user: string, session: Session): LiveDevice {
    this.names.bind(name, session.device.id);
    const device = new LiveDevice(this.url, name, this.names, session);
    const position = { at: 0, userSeq: 0, seqs: new Map<Chat, number>() };
    this.world.devices.set(name, { name, user, connected: true, revoked: false, position });
    this.live.set(name, device);
    return device;
  }

  async connect(device: Device, number: number): Promise<void> {
    if (device.connected) return;
    const live = this.liveOf(device.name);
    if (device.revoked) await this.loginAgain(device);
    await live.connect();
    device.connected = true;
    await this.synchronize(device, pick(SYNC_LIMITS, number) ?? 100);
  }

  private async loginAgain(device: Device): Promise<void> {
    const live = this.liveOf(device.name);
    const refused = await live.request('getOwnUser', {});
    requireEqual(refused, { code: 'DEVICE_REVOKED' }, `${device.name} without a session`);
    const { username } = live.session.user;
    const body = { username, password: PASSWORD, device: { id: this.names.idOf(device.name) } };
    live.session = (await callRoute(this.url, 'login', { body })).body;
    device.revoked = false;
    const step = new Step(this.world, undefined);
    step.own(device.user, 'deviceAdded', undefined, { device: device.name });
    await this.afterwards(step, `${device.name} logs in again`);
  }

  /** Either with the cursor of now, or with that of its last connection: what it was sent since comes again. */
  async disconnect(device: Device, number: number): Promise<void> {
    if (!device.connected) return;
    if (number % 2 === 0) await this.synchronize(device, 500);
    this.liveOf(device.name).disconnect();
    device.connected = false;
    this.world.stopTypingOn(device.name);
    await this.afterwards(new Step(this.world, undefined), `${device.name} disconnects`);
  }

  private async synchronize(device: Device, limit: number): Promise<void> {
    const live = this.liveOf(device.name);
    await checkSync(this.world, this.names, live, device.user, device.position, limit);
    device.position = this.world.positionOf(device.user);
  }

  /** A device ends the session of the other, which is cut and told why. */
  async revoke(by: Device, alive: readonly Device[]): Promise<void> {
    const other = alive.find(({ name }) => name !== by.name);
    if (!other) return;
    other.revoked = true;
    other.connected = false;
    this.world.stopTypingOn(other.name);
    const step = new Step(this.world, undefined);
    step.own(by.user, 'deviceRevoked', undefined, { deviceId: other.name });
    const answer = await this.liveOf(by.name).request('revokeDevice', {
      params: { id: other.name },
    });
    dataOf(answer, `${by.name} revokes ${other.name}`);
    await this.liveOf(other.name).untilEnded();
    await this.afterwards(step, `${by.name} revokes ${other.name}`);
  }

  liveOf(name: string): LiveDevice {
    const device = this.live.get(name);
    if (!device) throw new Error(`There is no device ${name}`);
    return device;
  }
}
