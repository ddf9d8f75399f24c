import { randomUUID } from 'node:crypto';
import { DeviceId, UserId } from '@natter/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Relay, type Topic } from '../relay/relay.js';
import { type ConnectedDevice, Connections } from './connections.js';
import { OnlineUsers } from './online-users.js';
import { RelayedLiveDevices } from './relayed-live-devices.js';

const anna = UserId.parse(randomUUID());
const ben = UserId.parse(randomUUID());
const deviceOf = (userId: UserId): ConnectedDevice => ({
  userId,
  deviceId: DeviceId.parse(randomUUID()),
});
const annasPhone = deviceOf(anna);
const annasLaptop = deviceOf(anna);
const bensPhone = deviceOf(ben);

/** Relays that reach each other at once, until they are cut off. */
class Wire extends Relay {
  readonly reachesOthers = true;
  isHealthy = true;
  /** Whether what this one sends is lost, without anybody knowing. */
  loses = false;

  constructor(private readonly all: Wire[]) {
    super();
    all.push(this);
  }

  send(topic: Topic, message: unknown): void {
    if (!this.isHealthy || this.loses) return;
    for (const other of this.all) {
      if (other !== this && other.isHealthy) other.deliver(topic, message, this.nodeId);
    }
  }

  turn(isHealthy: boolean): void {
    this.isHealthy = isHealthy;
    this.tellHealth(isHealthy);
  }
}

/** One node: its sockets, what it knows of all nodes, and whose comings and goings it was told of. */
function nodeOn(wire: Wire) {
  const connections = new Connections();
  const live = new RelayedLiveDevices(connections, wire);
  const online = new OnlineUsers();
  const notices: UserId[] = [];
  connections.subscribe({
    userCame: (userId) => online.arrive(userId),
    userGone: (userId) => online.leave(userId),
  });
  live.subscribe({
    userCame: (userId, node) => online.arrive(userId, node),
    userGone: (userId, node) => online.leave(userId, node),
  });
  online.subscribe((userId) => notices.push(userId));
  live.onApplicationBootstrap();
  return { wire, connections, live, online, notices };
}
type Node = ReturnType<typeof nodeOn>;

function nodes(): [Node, Node] {
  const wires: Wire[] = [];
  return [nodeOn(new Wire(wires)), nodeOn(new Wire(wires))];
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('who comes to one node is online on the other, and until 5 s after he has left all', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  expect(there.online.has(anna)).toBe(true);
  there.connections.add(annasPhone);
  here.connections.remove(annasPhone);
  vi.advanceTimersByTime(60_000);
  expect([here, there].map(({ online }) => online.goneSince(anna))).toEqual([undefined, undefined]);
  there.connections.remove(annasPhone);
  vi.advanceTimersByTime(5100);
  for (const { online, notices } of [here, there]) {
    expect(online.goneSince(anna)).toBeInstanceOf(Date);
    expect(notices).toEqual([anna, anna]);
  }
});

it('a device that is connected to one node is known on the other, each by itself', () => {
  const [here, there] = nodes();
  const known = () =>
    [annasPhone, annasLaptop]
      .map((device) => there.live.has(device))
      .concat(there.live.hasAnyOf(anna));
  here.connections.add(annasPhone);
  here.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  expect(known()).toEqual([true, false, true]);
  here.connections.add(annasLaptop);
  here.connections.remove(annasPhone);
  vi.advanceTimersByTime(100);
  expect(known()).toEqual([true, true, true]);
  here.connections.remove(annasPhone);
  vi.advanceTimersByTime(100);
  expect(known()).toEqual([false, true, true]);
  here.connections.remove(annasLaptop);
  vi.advanceTimersByTime(100);
  expect(known()).toEqual([false, false, false]);
  expect(here.live.hasAnyOf(anna)).toBe(false);
});

it('a device that comes, goes and comes within a moment is where it is in the end', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  here.connections.remove(annasPhone);
  vi.advanceTimersByTime(100);
  expect(there.live.has(annasPhone)).toBe(false);
  here.connections.add(annasPhone);
  here.connections.remove(annasPhone);
  here.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  expect(there.live.has(annasPhone)).toBe(true);
});

it('a device moves from node to node without a moment in which it is nowhere', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  there.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  here.connections.remove(annasPhone);
  vi.advanceTimersByTime(100);
  expect([here.live.has(annasPhone), there.live.has(annasPhone)]).toEqual([true, true]);
});

it('a node that starts later learns who is there', () => {
  const wires: Wire[] = [];
  const first = nodeOn(new Wire(wires));
  first.connections.add(annasPhone);
  first.connections.add(bensPhone);
  vi.advanceTimersByTime(100);
  const second = nodeOn(new Wire(wires));
  vi.advanceTimersByTime(5000);
  expect([second.online.has(anna), second.online.has(ben)]).toEqual([true, true]);
  expect([annasPhone, bensPhone, annasLaptop].map((device) => second.live.has(device))).toEqual([
    true,
    true,
    false,
  ]);
});

it('what was lost on the way is set right by the next heartbeat', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  here.wire.loses = true;
  here.connections.remove(annasPhone);
  here.connections.add(bensPhone);
  vi.advanceTimersByTime(100);
  here.wire.loses = false;
  expect([there.online.has(anna), there.online.has(ben)]).toEqual([true, false]);
  vi.advanceTimersByTime(5000);
  expect(there.online.has(ben)).toBe(true);
  vi.advanceTimersByTime(5000);
  expect(there.online.goneSince(anna)).toBeInstanceOf(Date);
});

it('G25 a node that falls silent leaves no ghosts', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  here.wire.loses = true;
  vi.advanceTimersByTime(29_000);
  expect(there.online.goneSince(anna)).toBeUndefined();
  expect(there.live.has(annasPhone)).toBe(true);
  vi.advanceTimersByTime(15_000);
  expect(there.online.goneSince(anna)).toBeInstanceOf(Date);
  expect([there.live.has(annasPhone), there.live.hasAnyOf(anna)]).toEqual([false, false]);
});

it('while the relay is away nobody goes, but no device counts as connected elsewhere', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  vi.advanceTimersByTime(100);
  for (const { wire } of [here, there]) wire.turn(false);
  here.connections.add(bensPhone);
  expect([there.live.has(annasPhone), there.live.hasAnyOf(anna)]).toEqual([false, false]);
  expect(here.live.has(annasPhone)).toBe(true);
  vi.advanceTimersByTime(600_000);
  expect([there.online.has(anna), there.online.has(ben)]).toEqual([true, false]);
  expect(there.online.goneSince(anna)).toBeUndefined();
  for (const { wire } of [here, there]) wire.turn(true);
  vi.advanceTimersByTime(5100);
  expect([there.online.has(anna), there.online.has(ben)]).toEqual([true, true]);
  expect(there.online.goneSince(anna)).toBeUndefined();
  expect([annasPhone, bensPhone].map((device) => there.live.has(device))).toEqual([true, true]);
});

it('a node that stops takes its users along, and stores when they were last seen', () => {
  const [here, there] = nodes();
  here.connections.add(annasPhone);
  there.connections.add(bensPhone);
  vi.advanceTimersByTime(100);
  here.live.beforeApplicationShutdown();
  expect([...here.online.close().keys()]).toEqual([anna]);
  expect([there.live.has(annasPhone), there.live.has(bensPhone)]).toEqual([false, true]);
  vi.advanceTimersByTime(5100);
  expect(there.online.goneSince(anna)).toBeInstanceOf(Date);
  expect(there.online.goneSince(ben)).toBeUndefined();
});
