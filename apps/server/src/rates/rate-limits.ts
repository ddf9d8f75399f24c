import { rateClasses, type RateClass } from '@natter/protocol';
import type { Caller } from '../identity/caller.js';
import { NatterError } from '../errors/natter-error.js';

/** What becomes of a request that is not refused. */
export type Verdict = 'within' | 'gathered' | 'ignored';

/** Counts what devices and their users ask for; both doors ask it. Its one state is what was counted. */
export abstract class RateLimits {
  /**
   * Counts one request.
   *
   * @returns 0 where the caller is within the rate of the class. Else nothing is counted, and it is the whole milliseconds
   * until he is within it again. At once where the counts are of this process, so that nothing waits for it.
   */
  abstract take(caller: Caller, rateClass: RateClass): number | Promise<number>;
}

/**
 * What the protocol has for a request that came `waitMs` too early.
 *
 * @throws {NatterError} `RATE_LIMITED` where its class is refused over the rate.
 */
export function judge(rateClass: RateClass, waitMs: number): Verdict {
  if (waitMs <= 0) return 'within';
  const { over } = rateClasses[rateClass];
  if (over !== 'refused') return over;
  throw new NatterError('RATE_LIMITED', 'This comes too often; try again later', {
    retryAfterMs: waitMs,
  });
}

/** The caller as the services are to see him: over his rate where the request is to be gathered with others (RCPT-1). */
export function callerAt(verdict: Verdict, caller: Caller): Caller {
  return verdict === 'gathered' ? { ...caller, overRate: true } : caller;
}
