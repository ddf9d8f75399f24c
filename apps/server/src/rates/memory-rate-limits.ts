import { rateAllowances, type RateClass, rateClasses } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from '../identity/caller.js';
import { Relay } from '../relay/relay.js';
import type { RateLimits } from './rate-limits.js';
import { TokenBuckets } from './token-buckets.js';

interface ClassBuckets {
  readonly devices: TokenBuckets;
  readonly users: TokenBuckets;
}

/** How often nodes tell each other what they have counted. */
const TELL_INTERVAL_MS = 500;

const Counts = z.array(
  z.object({
    rateClass: z.custom<RateClass>(
      (name) => typeof name === 'string' && Object.hasOwn(rateClasses, name),
    ),
    deviceId: z.string(),
    userId: z.string(),
    count: z.int().check(z.positive()),
  }),
);
/** What was counted since nodes were last told. */
type Count = z.output<typeof Counts>[number];

/**
 * Counts in the memory of each node, so that nothing waits for it, and tells the others afterwards. Who asks several nodes
 * at once may take what he has left from each of them, and waits for all of it together.
 */
@Injectable()
export class MemoryRateLimits implements RateLimits, OnModuleInit, BeforeApplicationShutdown {
  private readonly buckets: Readonly<Record<RateClass, ClassBuckets>>;
  private readonly untold = new Map<string, Count>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly relay: Relay,
  ) {
    this.buckets = {
      send: this.bucketsOf('send'),
      change: this.bucketsOf('change'),
      receipt: this.bucketsOf('receipt'),
      ephemeral: this.bucketsOf('ephemeral'),
      read: this.bucketsOf('read'),
    };
  }

  onModuleInit(): void {
    if (!this.relay.reachesOthers || !this.config.rateLimits) return;
    this.relay.subscribe('rates', (message) => this.hear(message));
    this.timer = setInterval(() => this.tellOthers(), TELL_INTERVAL_MS);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
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
      if (this.timer) this.note(rateClass, deviceId, userId);
    }
    return waitMs;
  }

  private note(rateClass: RateClass, deviceId: string, userId: string): void {
    const key = `${rateClass} ${deviceId}`;
    const noted = this.untold.get(key);
    if (noted) noted.count += 1;
    else this.untold.set(key, { rateClass, deviceId, userId, count: 1 });
  }

  private tellOthers(): void {
    if (this.untold.size === 0) return;
    this.relay.send('rates', [...this.untold.values()]);
    this.untold.clear();
  }

  private hear(message: unknown): void {
    const now = performance.now();
    for (const { rateClass, deviceId, userId, count } of z.safeParse(Counts, message).data ?? []) {
      const { devices, users } = this.buckets[rateClass];
      devices.of(deviceId, now).charge(now, count);
      users.of(userId, now).charge(now, count);
    }
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
