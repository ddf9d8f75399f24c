import { randomUUID } from 'node:crypto';
import { UserId } from '@natter/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OnlineUsers } from './online-users.js';

const anna = UserId.parse(randomUUID());
const ben = UserId.parse(randomUUID());

function onlineUsers() {
  const online = new OnlineUsers();
  const notices: UserId[] = [];
  online.subscribe((userId) => notices.push(userId));
  return { online, notices };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('OnlineUsers', () => {
  it('keeps a user online for 5 s after he left, and until he is released', () => {
    const { online, notices } = onlineUsers();
    online.arrive(anna);
    expect([online.has(anna), online.has(ben)]).toEqual([true, false]);
    const leftAt = new Date();
    online.leave(anna);
    vi.advanceTimersByTime(4999);
    expect(online.goneSince(anna)).toBeUndefined();
    expect(notices).toEqual([anna]);
    vi.advanceTimersByTime(1);
    expect(notices).toEqual([anna, anna]);
    expect(online.has(anna)).toBe(true);
    const gone = online.goneSince(anna);
    expect(gone).toEqual(leftAt);
    if (gone) online.release(anna, gone);
    expect(online.has(anna)).toBe(false);
  });

  it('notices nothing of one who comes back within the grace, however often', () => {
    const { online, notices } = onlineUsers();
    online.arrive(anna);
    for (let count = 0; count < 20; count += 1) {
      online.leave(anna);
      vi.advanceTimersByTime(4900);
      online.arrive(anna);
    }
    vi.advanceTimersByTime(60_000);
    expect(notices).toEqual([anna]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not release one who came back after the grace, nor for an older leaving', () => {
    const { online } = onlineUsers();
    online.arrive(anna);
    online.leave(anna);
    vi.advanceTimersByTime(5000);
    const first = online.goneSince(anna);
    online.arrive(anna);
    if (first) online.release(anna, first);
    expect(online.has(anna)).toBe(true);
    online.leave(anna);
    vi.advanceTimersByTime(5000);
    if (first) online.release(anna, first);
    expect(online.has(anna)).toBe(true);
  });

  it('closes with everybody who was online, without a notice', () => {
    const { online, notices } = onlineUsers();
    online.arrive(anna);
    online.arrive(ben);
    const benLeft = new Date();
    online.leave(ben);
    vi.advanceTimersByTime(3000);
    expect(online.close()).toEqual(
      new Map([
        [anna, new Date()],
        [ben, benLeft],
      ]),
    );
    online.leave(anna);
    vi.advanceTimersByTime(60_000);
    expect(notices).toEqual([anna, ben]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
