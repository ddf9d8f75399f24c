import { rateAllowances, type RateClass } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { judge, RateLimits, type Verdict } from '../rates/rate-limits.js';
import type { CommandSource } from './command-source.js';

/** When a socket with too many unanswered commands is to try again. */
const IN_FLIGHT_RETRY_MS = 1000;

/**
 * Bounds what one socket can ask for: by the rates of its device and user, by how many of its commands are not answered
 * yet, and, where it goes on and on above that, by ending it.
 */
@Injectable()
export class CommandAdmission {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rateLimits: RateLimits,
  ) {}

  /**
   * Carries a command out, where it is let in.
   *
   * @throws {NatterError} `RATE_LIMITED` where it is not.
   */
  async admit<T>(
    source: CommandSource,
    rateClass: RateClass,
    carryOut: (verdict: Verdict) => T | Promise<T>,
  ): Promise<T> {
    const isFull = this.isFull(source);
    source.inFlight += 1;
    try {
      // What is never refused is bounded all the same: the socket ends when its excess is used up.
      const waitMs = isFull
        ? IN_FLIGHT_RETRY_MS
        : await this.rateLimits.take(source.caller, rateClass);
      if (waitMs > 0) source.countExcess();
      return await carryOut(judge(rateClass, waitMs));
    } finally {
      source.inFlight -= 1;
    }
  }

  private isFull({ inFlight }: CommandSource): boolean {
    return this.config.rateLimits && inFlight >= rateAllowances.commandsInFlight;
  }
}
