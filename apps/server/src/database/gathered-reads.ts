/** Statements of one kind that run at once; what is asked for meanwhile waits for one of them, and goes together. */
const AT_ONCE = 4;
/** Keys in one statement, at most. */
const BATCH = 200;

interface Waiting<K, V> {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reads by key, of which those asked for at the same time are one statement. Each begins after it was asked for, so what
 * was committed before is seen. Alone, a read waits for nothing; in a storm of connections hundreds are a few statements.
 */
export class GatheredReads<K, V> {
  private waiting: Waiting<K, V>[] = [];
  private running = 0;

  /** @param read Resolves with a value for each key, in their order. A key may come twice. */
  constructor(private readonly read: (keys: readonly K[]) => Promise<readonly V[]>) {}

  get(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.running < AT_ONCE) void this.run();
    });
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    this.running += 1;
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      this.waiting = this.waiting.slice(BATCH);
      await this.readBatch(batch);
    }
    this.running -= 1;
  }

  private async readBatch(batch: readonly Waiting<K, V>[]): Promise<void> {
    try {
      const values = await this.read(batch.map(({ key }) => key));
      for (const [index, value] of values.entries()) batch[index]?.resolve(value);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
