import { randomUUID } from 'node:crypto';
import { ChatId, DeviceId, UserId } from '@natter/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NoRelay } from '../relay/relay.js';
import { type Signal, Signals } from '../signals/signals.js';
import { Connections } from './connections.js';
import { OnlineUsers } from './online-users.js';
import type { Audience, PresenceRepository } from './presence.repository.js';
import { PresenceService } from './presence.service.js';

const chatId = ChatId.parse(randomUUID());
const device = (userId = UserId.parse(randomUUID())) => ({
  userId,
  deviceId: DeviceId.parse(randomUUID()),
});
const phone = device();
const laptop = device(phone.userId);
const { userId } = phone;

/** The service, with a database that can be away and a note of all that it does. */
function presence() {
  const state = { privacy: 'contacts' as Audience['presence_privacy'], isAway: false };
  const saved: ReadonlyMap<UserId, Date>[] = [];
  const rounds: number[] = [];
  const repository = {
    saveLastSeen: async (lastSeen: ReadonlyMap<UserId, Date>) => {
      if (state.isAway) throw new Error('the database is away');
      if (lastSeen.size > 0) saved.push(lastSeen);
    },
    audiences: async (ids: readonly UserId[]): Promise<Audience[]> => {
      if (state.isAway) throw new Error('the database is away');
      rounds.push(ids.length);
      return ids.map((id) => ({
        id,
        username: 'anna',
        display_name: 'Anna',
        avatar: null,
        presence_privacy: state.privacy,
        chat_ids: [chatId],
        blocked_ids: [],
      }));
    },
  };
  const signals = new Signals();
  const told: Signal[] = [];
  signals.subscribe((signal) => told.push(signal));
  const connections = new Connections();
  const service = new PresenceService(
    pino({ level: 'silent' }),
    connections,
    new OnlineUsers(),
    repository as unknown as PresenceRepository,
    signals,
    new NoRelay(),
  );
  service.onModuleInit();
  return { service, connections, told, saved, rounds, state };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('PresenceService', () => {
  it('tells of the first socket, and of the end of the last one after the grace', async () => {
    const { service, connections, told, saved } = presence();
    connections.add(phone);
    connections.add(phone);
    connections.add(laptop);
    await after(0);
    const to = { chatIds: [chatId], exceptUserIds: [userId] };
    expect(told).toEqual([{ event: 'userOnline', payload: { userId }, ...to }]);
    connections.remove(phone);
    connections.remove(laptop);
    await after(60_000);
    expect(told).toHaveLength(1);
    const leftAt = new Date();
    connections.remove(phone);
    await after(4999);
    expect([told.length, service.isOnline(userId)]).toEqual([1, true]);
    await after(1);
    const payload = { userId, lastSeenAt: leftAt.toISOString() };
    expect(told.slice(1)).toEqual([{ event: 'userOffline', payload, ...to }]);
    expect(saved).toEqual([new Map([[userId, leftAt]])]);
    expect(service.isOnline(userId)).toBe(false);
  });

  it('tells nothing of a reconnect within the grace', async () => {
    const { connections, told, saved } = presence();
    connections.add(phone);
    for (let count = 0; count < 10; count += 1) {
      await after(100);
      connections.remove(phone);
      await after(4800);
      connections.add(phone);
    }
    await after(60_000);
    expect(told.map(({ event }) => event)).toEqual(['userOnline']);
    expect(saved).toEqual([]);
  });

  it('tells in turns of one who hides and shows himself while he is online', async () => {
    const { service, connections, told, state } = presence();
    connections.add(phone);
    await after(1000);
    const tell = async (privacy: Audience['presence_privacy']) => {
      state.privacy = privacy;
      await service.refresh(userId);
    };
    await tell('nobody');
    await tell('nobody');
    const hiddenAt = new Date().toISOString();
    await tell('contacts');
    await tell('nobody');
    connections.remove(phone);
    await after(60_000);
    await tell('contacts');
    expect(told.map(({ event }) => event)).toEqual([
      'userOnline',
      'userOffline',
      'userOnline',
      'userOffline',
    ]);
    expect(told[1]?.payload).toEqual({ userId, lastSeenAt: hiddenAt });
  });

  it('tells later where the database was away, and then what is so by then', async () => {
    const { service, connections, told, saved, state } = presence();
    connections.add(phone);
    await after(0);
    state.isAway = true;
    await service.refresh(userId, { renamed: true });
    connections.remove(phone);
    await after(60_000);
    expect([told.length, service.isOnline(userId)]).toEqual([1, true]);
    state.isAway = false;
    await after(1000);
    expect(told.slice(1).map(({ event }) => event)).toEqual(['userUpdated', 'userOffline']);
    expect(saved).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks at many who come at once in few rounds', async () => {
    const { connections, told, rounds } = presence();
    for (let count = 0; count < 1200; count += 1) connections.add(device());
    await after(0);
    expect(rounds).toEqual([500, 500, 200]);
    expect(told).toHaveLength(1200);
  });

  it('stores the last seen of all in one statement when it stops, and tells nobody', async () => {
    const { service, connections, told, saved } = presence();
    const others = Array.from({ length: 50 }, () => device());
    for (const other of [phone, ...others]) connections.add(other);
    await after(0);
    told.splice(0);
    const leftAt = new Date();
    connections.remove(phone);
    await after(1000);
    await service.beforeApplicationShutdown();
    for (const other of others) connections.remove(other);
    await after(60_000);
    expect(told).toEqual([]);
    expect(saved).toHaveLength(1);
    expect(saved[0]?.size).toBe(51);
    expect(saved[0]?.get(userId)).toEqual(leftAt);
    expect(vi.getTimerCount()).toBe(0);
  });
});
