export interface BucketSize {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** The most that a bucket holds; it begins full. */
  readonly burst: number;
}

/** A size in the form that is reckoned with. */
interface Refill {
  readonly tokenMs: number;
  /** Until an empty bucket is full. */
  readonly wholeMs: number;
}

export function refillOf({ perSecond, burst }: BucketSize): Refill {
  const tokenMs = 1000 / perSecond;
  return { tokenMs, wholeMs: burst * tokenMs };
}

/** Less than this is an error of the sums, and nothing to wait for. */
const ROUNDING_MS = 0.001;

/**
 * Of a bucket only the moment is kept at which it will be full again, as in the generic cell rate algorithm. Every `now`
 * is in milliseconds, of a clock that never goes back.
 */
export class TokenBucket {
  private fullAt = 0;

  constructor(private readonly refill: Refill) {}

  /** Whole milliseconds until there is a token; 0 where there is one. */
  waitMs(now: number): number {
    const { tokenMs, wholeMs } = this.refill;
    const missingMs = Math.max(this.fullAt, now) + tokenMs - wholeMs - now;
    return missingMs > ROUNDING_MS ? Math.ceil(missingMs) : 0;
  }

  /** Takes a token; only where there is one. */
  take(now: number): void {
    this.charge(now, 1);
  }

  /** Takes as many tokens as were taken already somewhere else, whether they are there or not. */
  charge(now: number, tokens: number): void {
    this.fullAt = Math.max(this.fullAt, now) + tokens * this.refill.tokenMs;
  }
}

/**
 * Token buckets by key, in the memory of this process.
 *
 * `rate-limiter-flexible`, which limits the logins, has no such bucket: its windows begin anew all at once, its burst is
 * a second window, and each key costs a timer. Every message asks for two keys, which took it five microseconds and more
 * within the burst, a tenth of all that a message costs; here it is a tenth of one.
 */
export class TokenBuckets {
  private readonly refill: Refill;
  // A bucket that was not asked for as long as an empty one takes to fill is full, and need not be kept. So those that
  // were not asked for in a whole period are dropped at its end, without a timer and without looking at each.
  private asked = new Map<string, TokenBucket>();
  private askedBefore = new Map<string, TokenBucket>();
  private periodBegan = 0;

  constructor(size: BucketSize) {
    this.refill = refillOf(size);
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.asked.size + this.askedBefore.size;
  }

  /** The bucket of a key; to be used at once, for it may not be kept. */
  of(key: string, now: number): TokenBucket {
    this.endPeriod(now);
    const current = this.asked.get(key);
    if (current) return current;
    const bucket = this.askedBefore.get(key) ?? new TokenBucket(this.refill);
    this.askedBefore.delete(key);
    this.asked.set(key, bucket);
    return bucket;
  }

  private endPeriod(now: number): void {
    const passedMs = now - this.periodBegan;
    if (passedMs < this.refill.wholeMs) return;
    this.askedBefore = passedMs < 2 * this.refill.wholeMs ? this.asked : new Map();
    this.asked = new Map();
    this.periodBegan = now;
  }
}
