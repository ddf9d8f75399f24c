import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '../config/config.js';
import { NatterError } from '../errors/natter-error.js';

const WINDOW_SECONDS = 15 * 60;
const FAILURES_PER_ACCOUNT = 10;
/** Many people can share an address: a school, a company, a mobile network. */
const FAILURES_PER_ADDRESS = 100;

/** Who tries to get in: the account that is named, if any, and the network address that asks. */
export interface Attempt {
  readonly username?: string;
  readonly address: string;
}

/**
 * Slows down guessing (AUTH-4). Only failures count, so nobody who knows his password is ever limited by his own use;
 * the counts are those of this node.
 */
@Injectable()
export class LoginLimits {
  private readonly accounts = new RateLimiterMemory({
    points: FAILURES_PER_ACCOUNT,
    duration: WINDOW_SECONDS,
  });
  private readonly addresses = new RateLimiterMemory({
    points: FAILURES_PER_ADDRESS,
    duration: WINDOW_SECONDS,
  });

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /**
   * Asked before a password is hashed.
   *
   * @throws {NatterError} `RATE_LIMITED` where too many attempts have failed.
   */
  async requireAllowed({ username, address }: Attempt): Promise<void> {
    if (!this.config.rateLimits) return;
    const counts = await Promise.all([
      this.addresses.get(address),
      username === undefined ? null : this.accounts.get(accountKey(username)),
    ]);
    const limits = [FAILURES_PER_ADDRESS, FAILURES_PER_ACCOUNT];
    const reached = counts.filter(
      (count, index) => count && count.consumedPoints >= (limits[index] ?? 0),
    );
    const retryAfterMs = Math.max(0, ...reached.map((count) => count?.msBeforeNext ?? 0));
    if (retryAfterMs > 0) {
      throw new NatterError('RATE_LIMITED', 'Too many attempts have failed; try again later', {
        retryAfterMs,
      });
    }
  }

  async countFailure({ username, address }: Attempt): Promise<void> {
    if (!this.config.rateLimits) return;
    await Promise.all([
      count(this.addresses, address),
      username === undefined ? undefined : count(this.accounts, accountKey(username)),
    ]);
  }
}

function accountKey(username: string): string {
  return username.toLowerCase();
}

async function count(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    // One over the limit is what the next attempt will be told.
    if (!(error instanceof RateLimiterRes)) throw error;
  }
}
