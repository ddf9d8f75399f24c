import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '../config/config.js';
import { NatterError } from '../errors/natter-error.js';

const WINDOW_SECONDS = 15 * 60;
const FAILURES_PER_ACCOUNT = 10;
/** Many people can share an address: a school, a company, a mobile network. */
const FAILURES_PER_ADDRESS = 100;

/** Who tries to get in. */
export interface Attempt {
  /** The account that is named, or the known device of one; none where a new account is to be made. */
  readonly account?: string;
  /** The network address that asks; none for a known device, which others at its address must not lock out. */
  readonly address?: string;
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
  async requireAllowed(attempt: Attempt): Promise<void> {
    if (!this.config.rateLimits) return;
    const waits = await Promise.all(
      this.countersOf(attempt).map(async ({ limiter, key }) => {
        const count = await limiter.get(key);
        return count && count.consumedPoints >= limiter.points ? count.msBeforeNext : 0;
      }),
    );
    const retryAfterMs = Math.max(0, ...waits);
    if (retryAfterMs > 0) {
      throw new NatterError('RATE_LIMITED', 'Too many attempts have failed; try again later', {
        retryAfterMs,
      });
    }
  }

  async countFailure(attempt: Attempt): Promise<void> {
    if (!this.config.rateLimits) return;
    await Promise.all(this.countersOf(attempt).map(({ limiter, key }) => count(limiter, key)));
  }

  private countersOf({ account, address }: Attempt): { limiter: RateLimiterMemory; key: string }[] {
    return [
      ...(account === undefined ? [] : [{ limiter: this.accounts, key: account.toLowerCase() }]),
      ...(address === undefined ? [] : [{ limiter: this.addresses, key: address }]),
    ];
  }
}

async function count(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    // One over the limit is what the next attempt will be told.
    if (!(error instanceof RateLimiterRes)) throw error;
  }
}
