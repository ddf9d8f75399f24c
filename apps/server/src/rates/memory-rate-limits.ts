import { rateAllowances, type RateClass } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from '../identity/caller.js';
import type { RateLimits } from './rate-limits.js';
import { TokenBuckets } from './token-buckets.js';

interface ClassBuckets {
  readonly devices: TokenBuckets;
  readonly users: TokenBuckets;
}

/** Counts for this node alone: on several nodes a user has his rate on each. */
@Injectable()
export class MemoryRateLimits implements RateLimits {
  private readonly buckets: Readonly<Record<RateClass, ClassBuckets>>;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.buckets = {
      send: this.bucketsOf('send'),
      change: this.bucketsOf('change'),
      receipt: this.bucketsOf('receipt'),
      ephemeral: this.bucketsOf('ephemeral'),
      read: this.bucketsOf('read'),
    };
  }

  take({ deviceId, userId }: Caller, rateClass: RateClass): number {
    if (!this.config.rateLimits) return 0;
    const now = performance.now();
    const { devices, users } = this.buckets[rateClass];
    const device = devices.of(deviceId, now);
    const user = users.of(userId, now);
    // From both or from none: what is refused for the one must not be taken from the other.
    const waitMs = Math.max(device.waitMs(now), user.waitMs(now));
    if (waitMs === 0) {
      device.take(now);
      user.take(now);
    }
    return waitMs;
  }

  private bucketsOf(rateClass: RateClass): ClassBuckets {
    const { rates, rateBurstSeconds } = this.config;
    const perSecond = rates[rateClass];
    const burst = perSecond * rateBurstSeconds;
    const { devicesPerUser } = rateAllowances;
    return {
      devices: new TokenBuckets({ perSecond, burst }),
      users: new TokenBuckets({
        perSecond: perSecond * devicesPerUser,
        burst: burst * devicesPerUser,
      }),
    };
  }
}
