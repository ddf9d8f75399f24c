import { randomUUID } from 'node:crypto';
import { ChatId, DeviceId, UserId } from '@natter/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Typist, TypingTracker } from './typing-tracker.js';

const chatId = ChatId.parse(randomUUID());
const userId = UserId.parse(randomUUID());
const onDevice = (): Typist => ({ chatId, userId, deviceId: DeviceId.parse(randomUUID()) });
const [phone, laptop] = [onDevice(), onDevice()];
const allowed = Promise.resolve();

function trackerOf() {
  /** What others were told, each with the second in which it came. */
  const told: string[] = [];
  const begin = Date.now();
  const note = (name: string) => () => told.push(`${name} ${(Date.now() - begin) / 1000}`);
  const tracker = new TypingTracker({ typing: note('typing'), stopTyping: note('stop') });
  const start = (typist = phone) => tracker.start(typist, allowed, async () => []);
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
    await tracker.start(phone, allowed, async () => []);
    tracker.block(blocker, userId);
    await after(2000);
    await tracker.start(phone, allowed, async () => [blocker]);
    tracker.stop(phone);
    expect(others).toEqual(['typing', 'typing without him', 'stop']);
    await tracker.start(phone, allowed, async () => []);
    tracker.block(userId, blocker);
    await after(2000);
    tracker.stop(phone);
    expect(others.slice(3)).toEqual(['typing without him', 'stop without him']);
  });

  it('does not begin without permission, nor after a stop that came while it was asked for', async () => {
    const { tracker, told, start } = trackerOf();
    const refused = Promise.reject(new Error('a stranger'));
    await expect(tracker.start(phone, refused, async () => [])).rejects.toThrow('a stranger');
    expect(tracker.size).toBe(0);
    const allowed = Promise.withResolvers<void>();
    const slow = tracker.start(phone, allowed.promise, async () => []);
    tracker.stop(phone);
    allowed.resolve();
    await slow;
    await after(60_000);
    expect(told).toEqual([]);
    expect(tracker.size).toBe(0);
    await start();
    expect(told).toHaveLength(1);
  });

  it('BLOCK-1 asks for blocks where nobody was told yet, and heeds one that came while it asked', async () => {
    const told: (readonly UserId[])[] = [];
    const tracker = new TypingTracker({
      typing: (_, except) => told.push(except),
      stopTyping: (_, except) => told.push(except),
    });
    const blocker = UserId.parse(randomUUID());
    let asked = 0;
    const start = (findBlocked: () => Promise<readonly UserId[]>) =>
      tracker.start(phone, allowed, () => {
        asked += 1;
        return findBlocked();
      });
    const answer = Promise.withResolvers<readonly UserId[]>();
    const slow = start(() => answer.promise);
    await after(0);
    tracker.block(blocker, userId);
    answer.resolve([]);
    await slow;
    for (let count = 0; count < 3; count += 1) {
      await after(2000);
      await start(async () => []);
    }
    tracker.stop(phone);
    expect(asked).toBe(1);
    expect(told).toEqual(Array.from({ length: 5 }, () => [blocker]));
    await after(2000);
    await start(async () => []);
    expect(asked).toBe(2);
    expect(told.at(-1)).toEqual([]);
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
