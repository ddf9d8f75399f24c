import { randomUUID } from 'node:crypto';
import { UserId } from '@natter/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Relay, type Topic } from '../relay/relay.js';
import { RelayedOnlineUsers } from './relayed-online-users.js';

const anna = UserId.parse(randomUUID());
const ben = UserId.parse(randomUUID());

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

function nodes() {
  const wires: Wire[] = [];
  return [1, 2].map(() => {
    const wire = new Wire(wires);
    const online = new RelayedOnlineUsers(wire);
    const notices: UserId[] = [];
    online.subscribe((userId) => notices.push(userId));
    online.onApplicationBootstrap();
    return { wire, online, notices };
  }) as [Node, Node];
}
type Node = { wire: Wire; online: RelayedOnlineUsers; notices: UserId[] };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('who comes to one node is online on the other, and until 5 s after he has left all', () => {
  const [here, there] = nodes();
  here.online.arrive(anna);
  vi.advanceTimersByTime(100);
  expect(there.online.has(anna)).toBe(true);
  there.online.arrive(anna);
  here.online.leave(anna);
  vi.advanceTimersByTime(60_000);
  expect([here, there].map(({ online }) => online.goneSince(anna))).toEqual([undefined, undefined]);
  there.online.leave(anna);
  vi.advanceTimersByTime(5100);
  for (const { online, notices } of [here, there]) {
    expect(online.goneSince(anna)).toBeInstanceOf(Date);
    expect(notices).toEqual([anna, anna]);
  }
});

it('a node that starts later learns who is there', () => {
  const wires: Wire[] = [];
  const first = new RelayedOnlineUsers(new Wire(wires));
  first.onApplicationBootstrap();
  first.arrive(anna);
  first.arrive(ben);
  vi.advanceTimersByTime(100);
  const second = new RelayedOnlineUsers(new Wire(wires));
  second.onApplicationBootstrap();
  vi.advanceTimersByTime(5000);
  expect([second.has(anna), second.has(ben)]).toEqual([true, true]);
});

it('what was lost on the way is set right by the next heartbeat', () => {
  const [here, there] = nodes();
  here.online.arrive(anna);
  vi.advanceTimersByTime(100);
  here.wire.loses = true;
  here.online.leave(anna);
  here.online.arrive(ben);
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
  here.online.arrive(anna);
  vi.advanceTimersByTime(100);
  here.wire.loses = true;
  vi.advanceTimersByTime(29_000);
  expect(there.online.goneSince(anna)).toBeUndefined();
  vi.advanceTimersByTime(15_000);
  expect(there.online.goneSince(anna)).toBeInstanceOf(Date);
});

it('nobody goes while the relay is away, nor in the half minute after', () => {
  const [here, there] = nodes();
  here.online.arrive(anna);
  vi.advanceTimersByTime(100);
  for (const { wire } of [here, there]) wire.turn(false);
  here.online.arrive(ben);
  vi.advanceTimersByTime(600_000);
  expect([there.online.has(anna), there.online.has(ben)]).toEqual([true, false]);
  expect(there.online.goneSince(anna)).toBeUndefined();
  for (const { wire } of [here, there]) wire.turn(true);
  vi.advanceTimersByTime(5100);
  expect([there.online.has(anna), there.online.has(ben)]).toEqual([true, true]);
  expect(there.online.goneSince(anna)).toBeUndefined();
});

it('a node that stops takes its users along, and stores when they were last seen', () => {
  const [here, there] = nodes();
  here.online.arrive(anna);
  there.online.arrive(ben);
  vi.advanceTimersByTime(100);
  expect([...here.online.close().keys()]).toEqual([anna]);
  vi.advanceTimersByTime(5100);
  expect(there.online.goneSince(anna)).toBeInstanceOf(Date);
  expect(there.online.goneSince(ben)).toBeUndefined();
});
