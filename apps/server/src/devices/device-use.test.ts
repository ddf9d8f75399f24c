import { randomUUID } from 'node:crypto';
import { DeviceId, UserId } from '@natter/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connections } from '../presence/connections.js';
import { DeviceUse } from './device-use.js';

const GATHERED_MS = 1000;
const CONNECTED_MS = 300_000;

function device() {
  return { userId: UserId.parse(randomUUID()), deviceId: DeviceId.parse(randomUUID()) };
}
const [phone, laptop] = [device(), device()];

/** What notes use, with a database that can be away and a note of all that is written to it. */
function deviceUse() {
  const written: DeviceId[][] = [];
  const state = { isAway: false, beforeWriting: () => undefined as unknown };
  const devices = {
    noteUses: async (uses: ReadonlyMap<DeviceId, Date>) => {
      if (state.isAway) throw new Error('the database is away');
      state.beforeWriting();
      written.push([...uses.keys()]);
    },
  };
  const connections = new Connections();
  const use = new DeviceUse(pino({ level: 'silent' }), connections, devices, {
    now: () => Date.now(),
  });
  use.onModuleInit();
  return { use, connections, written, state };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('DeviceUse', () => {
  it('notes a device when its last socket is closed, and not before', async () => {
    const { connections, written } = deviceUse();
    connections.add(phone);
    connections.add(phone);
    connections.remove(phone);
    await after(GATHERED_MS);
    expect(written).toEqual([]);
    connections.remove(phone);
    await after(GATHERED_MS);
    expect(written).toEqual([[phone.deviceId]]);
    await after(GATHERED_MS);
    expect(written).toHaveLength(1);
  });

  it('notes whoever is connected, time and again', async () => {
    const { connections, written } = deviceUse();
    connections.add(phone);
    await after(CONNECTED_MS + GATHERED_MS);
    await after(CONNECTED_MS);
    expect(written).toEqual([[phone.deviceId], [phone.deviceId]]);
  });

  it('tries again what could not be written', async () => {
    const { connections, written, state } = deviceUse();
    connections.add(phone);
    connections.remove(phone);
    state.isAway = true;
    await after(5 * GATHERED_MS);
    state.isAway = false;
    await after(GATHERED_MS);
    expect(written).toEqual([[phone.deviceId]]);
  });

  it('keeps what is noted while it writes', async () => {
    const { connections, written, state } = deviceUse();
    connections.add(phone);
    connections.remove(phone);
    state.beforeWriting = () => {
      state.beforeWriting = () => undefined;
      vi.setSystemTime(Date.now() + 1);
      for (const seen of [phone, laptop]) {
        connections.add(seen);
        connections.remove(seen);
      }
    };
    await after(2 * GATHERED_MS);
    expect(written).toEqual([[phone.deviceId], [phone.deviceId, laptop.deviceId]]);
  });

  it('writes of a crowd in parts, each once', async () => {
    const { connections, written } = deviceUse();
    const crowd = Array.from({ length: 1200 }, device);
    for (const one of crowd) connections.add(one);
    for (const one of crowd) connections.remove(one);
    await after(GATHERED_MS);
    expect(written.map((ids) => ids.length)).toEqual([500, 500, 200]);
    expect(new Set(written.flat()).size).toBe(1200);
  });

  it('writes of all that are left when the node stops', async () => {
    const { use, connections, written } = deviceUse();
    connections.add(phone);
    connections.add(laptop);
    connections.remove(laptop);
    await use.beforeApplicationShutdown();
    expect(written.flat().toSorted()).toEqual([phone.deviceId, laptop.deviceId].toSorted());
    expect(vi.getTimerCount()).toBe(0);
  });
});
