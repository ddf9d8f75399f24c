import { rateAllowances } from '@natter/protocol';
import type { Caller } from '../identity/caller.js';
import { refillOf, TokenBucket } from '../rates/token-buckets.js';

const EXCESS = refillOf({
  perSecond: rateAllowances.excessPerSecond,
  burst: rateAllowances.excess,
});

/** One socket, as the commands that come from it see it. */
export class CommandSource {
  /** Commands that are not answered yet. */
  inFlight = 0;
  private readonly excess = new TokenBucket(EXCESS);
  private isCut = false;

  /** @param cut Tells the socket that it asks for too much, and ends it; called once at most. */
  constructor(
    readonly caller: Caller,
    private readonly cut: () => void,
  ) {}

  /** Notes that the socket was over its rates, which ends it when it goes on and on. */
  countExcess(): void {
    const now = performance.now();
    if (this.excess.waitMs(now) === 0) {
      this.excess.take(now);
    } else if (!this.isCut) {
      this.isCut = true;
      this.cut();
    }
  }
}
