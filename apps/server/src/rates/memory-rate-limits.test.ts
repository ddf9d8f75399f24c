import { randomUUID } from 'node:crypto';
import { DeviceId, type RateClass, UserId } from '@natter/protocol';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { type Config, readConfig } from '../config/config.js';
import type { Caller } from '../identity/caller.js';
import { NoRelay } from '../relay/relay.js';
import { MemoryRateLimits } from './memory-rate-limits.js';
import { callerAt, judge } from './rate-limits.js';

const SLOW = { send: 0.001, change: 0.001, receipt: 0.001, ephemeral: 0.001, read: 0.001 };

/** Three requests at once of each class, six of a user, and then next to none. */
function limitsOf(overrides: Partial<Config> = {}): MemoryRateLimits {
  const config = { ...readConfig({}), rates: SLOW, rateBurstSeconds: 3000, ...overrides };
  return new MemoryRateLimits(config, new NoRelay());
}

function someone(userId = z.parse(UserId, randomUUID())): Caller {
  return {
    userId,
    deviceId: z.parse(DeviceId, randomUUID()),
    session: { generation: 1, rotation: 0, expiresAt: 0 },
  };
}

function letThrough(limits: MemoryRateLimits, caller: Caller, rateClass: RateClass): number {
  let count = 0;
  while (count < 100 && limits.take(caller, rateClass) === 0) count += 1;
  return count;
}

describe('the limits', () => {
  it('are smaller for a device than for its user', () => {
    const limits = limitsOf();
    const phone = someone();
    expect(letThrough(limits, phone, 'send')).toBe(3);
    expect(letThrough(limits, someone(phone.userId), 'send')).toBe(3);
    expect(letThrough(limits, someone(phone.userId), 'send')).toBe(0);
    expect(letThrough(limits, someone(), 'send')).toBe(3);
  });

  it('of one class are not those of another', () => {
    const limits = limitsOf();
    const caller = someone();
    for (const rateClass of ['send', 'change', 'receipt', 'ephemeral', 'read'] as const) {
      expect(letThrough(limits, caller, rateClass)).toBe(3);
    }
  });

  it('take nothing from the user for what the device was refused', () => {
    const limits = limitsOf();
    const phone = someone();
    letThrough(limits, phone, 'send');
    for (let count = 0; count < 50; count += 1) {
      expect(limits.take(phone, 'send')).toBeGreaterThan(0);
    }
    expect(letThrough(limits, someone(phone.userId), 'send')).toBe(3);
  });

  it('name the longer wait of the two', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const limits = limitsOf();
      const phone = someone();
      letThrough(limits, phone, 'send');
      expect(limits.take(phone, 'send')).toBe(1_000_000);
      const tablet = someone(phone.userId);
      letThrough(limits, tablet, 'send');
      // The user gets one back in half the time, and his devices must wait for theirs.
      expect(limits.take(tablet, 'send')).toBe(1_000_000);
      expect(limits.take(someone(phone.userId), 'send')).toBe(500_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are none where they are off', () => {
    expect(letThrough(limitsOf({ rateLimits: false }), someone(), 'send')).toBe(100);
  });
});

describe('over its rate, a request', () => {
  it('is refused with the time to wait where it is durable', () => {
    for (const rateClass of ['send', 'change', 'read'] as const) {
      expect(() => judge(rateClass, 1500)).toThrow(
        expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 1500, retryable: true }),
      );
    }
  });

  it('is gathered or ignored where its class says so', () => {
    expect(judge('receipt', 1)).toBe('gathered');
    expect(judge('ephemeral', 1)).toBe('ignored');
  });

  it('shows its caller as over his rate only where it is gathered', () => {
    const caller = someone();
    expect(callerAt('gathered', caller)).toEqual({ ...caller, overRate: true });
    expect(callerAt('within', caller)).toBe(caller);
    expect(callerAt('ignored', caller)).toBe(caller);
  });
});
