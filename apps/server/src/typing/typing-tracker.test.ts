import { randomUUID } from 'node:crypto';
import { ChatId, DeviceId, UserId } from '@natter/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Typist, TypingTracker } from './typing-tracker.js';

const chatId = ChatId.parse(randomUUID());
const userId = UserId.parse(randomUUID());
const onDevice = (): Typist => ({ chatId, userId, deviceId: DeviceId.parse(randomUUID()) });
const [phone, laptop] = [onDevice(), onDevice()];

function trackerOf() {
  /** What others were told, each with the second in which it came. */
  const told: string[] = [];
  const begin = Date.now();
  const note = (name: string) => () => told.push(`${name} ${(Date.now() - begin) / 1000}`);
  const tracker = new TypingTracker({ typing: note('typing'), stopTyping: note('stop') });
  const start = (typist = phone) => tracker.start(typist, Promise.resolve([]));
  return { tracker, told, start };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('TypingTracker', () => {
  it('tells of typing at once, and ends it 5 s after the last start', async () => {
    const { tracker, told, start } = trackerOf();
    await start();
    await after(1500);
    await start();
    await after(60_000);
    expect(told).toEqual(['typing 0', 'stop 6.5']);
    expect(tracker.size).toBe(0);
  });

  it('tells of it every 2 s at most, for as long as it is said', async () => {
    const { told, start } = trackerOf();
    for (let count = 0; count < 50; count += 1) {
      await start();
      await after(100);
    }
    expect(told).toEqual(['typing 0', 'typing 2', 'typing 4']);
    await after(60_000);
    expect(told.slice(3)).toEqual(['stop 9.9']);
  });

  it('tells of a stop once, and of none without typing', async () => {
    const { tracker, told, start } = trackerOf();
    tracker.stop(phone);
    await start();
    await after(500);
    tracker.stop(phone);
    tracker.stop(phone);
    tracker.stopChat(phone);
    tracker.stopDevice(phone);
    await after(60_000);
    expect(told).toEqual(['typing 0', 'stop 0.5']);
  });

  it('tells of a new start after a stop when 2 s are over, if it lasts until then', async () => {
    const { tracker, told, start } = trackerOf();
    for (let count = 0; count < 10; count += 1) {
      await start();
      tracker.stop(phone);
    }
    await after(1000);
    await start();
    await after(60_000);
    expect(told).toEqual(['typing 0', 'stop 0', 'typing 2', 'stop 6']);
    expect(tracker.size).toBe(0);
  });

  it('goes on while another device types, to the end of the last', async () => {
    const { tracker, told, start } = trackerOf();
    await start(phone);
    await after(1000);
    await start(laptop);
    tracker.stop(phone);
    await after(3000);
    expect(told).toEqual(['typing 0']);
    tracker.stopDevice(laptop);
    await after(60_000);
    expect(told).toEqual(['typing 0', 'stop 4']);
  });

  it('ends with the device that is left when another one stops', async () => {
    const { tracker, told, start } = trackerOf();
    await start(phone);
    await after(3000);
    await start(laptop);
    await after(1000);
    tracker.stop(laptop);
    await after(60_000);
    expect(told).toEqual(['typing 0', 'typing 3', 'stop 5']);
  });

  it('ends everywhere with the membership, and in all chats with a device', async () => {
    const { tracker, told, start } = trackerOf();
    await Promise.all([start(phone), start(laptop)]);
    tracker.stopChat({ chatId, userId });
    expect(told).toEqual(['typing 0', 'stop 0']);
    await after(2000);
    const elsewhere = { ...phone, chatId: ChatId.parse(randomUUID()) };
    await Promise.all([start(phone), start(elsewhere)]);
    tracker.stopDevice(phone);
    expect(told.slice(2)).toEqual(['typing 2', 'typing 2', 'stop 2', 'stop 2']);
  });

  it('BLOCK-1 is told no more across a block that came between, but for its end where it was told', async () => {
    const others: string[] = [];
    const note = (name: string) => (_: unknown, except: readonly UserId[]) =>
      others.push(except.includes(blocker) ? `${name} without him` : name);
    const tracker = new TypingTracker({ typing: note('typing'), stopTyping: note('stop') });
    const blocker = UserId.parse(randomUUID());
    await tracker.start(phone, Promise.resolve([]));
    tracker.block(blocker, userId);
    await after(2000);
    await tracker.start(phone, Promise.resolve([blocker]));
    tracker.stop(phone);
    expect(others).toEqual(['typing', 'typing without him', 'stop']);
    await tracker.start(phone, Promise.resolve([]));
    tracker.block(userId, blocker);
    await after(2000);
    tracker.stop(phone);
    expect(others.slice(3)).toEqual(['typing without him', 'stop without him']);
  });

  it('does not begin without permission, nor after a stop that came while it was asked for', async () => {
    const { tracker, told, start } = trackerOf();
    await expect(tracker.start(phone, Promise.reject(new Error('a stranger')))).rejects.toThrow(
      'a stranger',
    );
    expect(tracker.size).toBe(0);
    const allowed = Promise.withResolvers<readonly UserId[]>();
    const slow = tracker.start(phone, allowed.promise);
    tracker.stop(phone);
    allowed.resolve([]);
    await slow;
    await after(60_000);
    expect(told).toEqual([]);
    expect(tracker.size).toBe(0);
    await start();
    expect(told).toHaveLength(1);
  });

  it('keeps nothing of a thousand chats once they are over', async () => {
    const { tracker, told, start } = trackerOf();
    for (let count = 0; count < 1000; count += 1) {
      await start({ ...phone, chatId: ChatId.parse(randomUUID()) });
    }
    expect(tracker.size).toBe(1000);
    await after(5000);
    expect(told).toHaveLength(2000);
    expect(tracker.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets without a word when the server stops', async () => {
    const { tracker, told, start } = trackerOf();
    await start();
    tracker.clear();
    tracker.stopDevice(phone);
    expect(tracker.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    expect(told).toEqual(['typing 0']);
  });
});
