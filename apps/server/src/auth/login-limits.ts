import type { DeviceId } from '@natter/protocol';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import { NatterError } from '../errors/natter-error.js';
import { Relay } from '../relay/relay.js';
import { networkOf } from './network-of.js';

const WINDOW_SECONDS = 15 * 60;
const FAILURES_PER_ACCOUNT = 10;
const HOUR_SECONDS = 60 * 60;
/** Many people can share an address: a school, a company, a mobile network. */
const FAILURES_PER_ADDRESS = 100;

/** Who tries to get in. */
export interface Attempt {
  /** The account that is named; none where a new one is to be made. */
  readonly username?: string;
  /**
   * A device with which the account has logged in before. It is judged by its own failures from the same network alone,
   * so that whoever guesses elsewhere does not lock out the owner. Its id is no secret: chat partners see it.
   */
  readonly knownDeviceId?: DeviceId | undefined;
  /** The network address that asks. */
  readonly address: string;
}

const Counted = z.object({
  limiter: z.enum(['accounts', 'addresses', 'registrations']),
  key: z.string(),
});
/** What is counted, and under which name. */
type Counter = z.output<typeof Counted>;

/**
 * Slows down guessing (AUTH-4). Of logins only failures count, so nobody who knows his password is ever limited by his
 * own use; of registrations all count. Nodes tell each other what they
 * count.
 */
@Injectable()
export class LoginLimits implements OnModuleInit {
  private readonly accounts = new RateLimiterMemory({
    points: FAILURES_PER_ACCOUNT,
    duration: WINDOW_SECONDS,
  });
  private readonly addresses = new RateLimiterMemory({
    points: FAILURES_PER_ADDRESS,
    duration: WINDOW_SECONDS,
  });

  private readonly registrations: RateLimiterMemory;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly relay: Relay,
  ) {
    this.registrations = new RateLimiterMemory({
      points: config.registrationsPerHour,
      duration: HOUR_SECONDS,
    });
  }

  onModuleInit(): void {
    this.relay.subscribe('logins', (message) => {
      const { data: counted } = z.safeParse(Counted, message);
      if (counted) void this[counted.limiter].penalty(counted.key);
    });
  }

  /**
   * Counts a registration, whatever becomes of it: its password is hashed even where the name is taken.
   *
   * @throws {NatterError} `RATE_LIMITED` where there were too many from the same network.
   */
  async countRegistration(address: string): Promise<void> {
    if (!this.config.rateLimits) return;
    const retryAfterMs = await this.count({ limiter: 'registrations', key: networkOf(address) });
    if (retryAfterMs > 0) {
      throw limited('Too many accounts were made from this network; try again later', retryAfterMs);
    }
  }

  /**
   * Asked before a password is hashed.
   *
   * @throws {NatterError} `RATE_LIMITED` where too many attempts have failed.
   */
  async requireAllowed(attempt: Attempt): Promise<void> {
    if (!this.config.rateLimits) return;
    const waits = await Promise.all(
      this.judgedBy(attempt).map(async ({ limiter: name, key }) => {
        const limiter = this[name];
        const count = await limiter.get(key);
        return count && count.consumedPoints >= limiter.points ? count.msBeforeNext : 0;
      }),
    );
    const retryAfterMs = Math.max(0, ...waits);
    if (retryAfterMs > 0) {
      throw limited('Too many attempts have failed; try again later', retryAfterMs);
    }
  }

  async countFailure(attempt: Attempt): Promise<void> {
    if (!this.config.rateLimits) return;
    const counters = [...this.ofDevice(attempt), ...this.ofNameAndAddress(attempt)];
    await Promise.all(counters.map((counter) => this.count(counter)));
  }

  /** Resolves with how long to wait where the limit is passed by this one, and with 0 where it is not. */
  private async count(counter: Counter): Promise<number> {
    this.relay.send('logins', counter);
    try {
      await this[counter.limiter].consume(counter.key);
      return 0;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return error.msBeforeNext;
    }
  }

  private judgedBy(attempt: Attempt): Counter[] {
    const device = this.ofDevice(attempt);
    return device.length > 0 ? device : this.ofNameAndAddress(attempt);
  }

  private ofDevice({ knownDeviceId, address }: Attempt): Counter[] {
    if (knownDeviceId === undefined) return [];
    return [{ limiter: 'accounts', key: `device ${knownDeviceId} at ${networkOf(address)}` }];
  }

  private ofNameAndAddress({ username, address }: Attempt): Counter[] {
    const counters: Counter[] = [{ limiter: 'addresses', key: networkOf(address) }];
    if (username !== undefined) {
      counters.push({ limiter: 'accounts', key: `name ${username.toLowerCase()}` });
    }
    return counters;
  }
}

function limited(message: string, retryAfterMs: number): NatterError {
  return new NatterError('RATE_LIMITED', message, { retryAfterMs });
}
