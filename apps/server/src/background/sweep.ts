import type { Logger } from '../logging/logger.js';

/**
 * Work in the background that sees for itself what there is to do, one run at a time. It never fails: what a run could
 * not do, a later one does.
 */
export class Sweep {
  private timer: NodeJS.Timeout | undefined;
  private delay: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isWaiting = false;
  private stopping = false;

  /** @param failure What the log says, as a warning, where `body` throws. */
  constructor(
    private readonly logger: Logger,
    private readonly failure: string,
    private readonly body: () => Promise<unknown>,
  ) {}

  /** For work that comes in steps: the run is to end after this one. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Runs each time that the interval is over; where it is `'atOnce'`, also now. */
  start(intervalMs: number, first: 'atOnce' | 'later'): void {
    if (first === 'atOnce') this.request();
    this.timer = setInterval(() => this.request(), intervalMs);
  }

  /** Runs once more, behind the run under way. One that has not begun is for all who asked meanwhile. */
  request(): void {
    if (this.stopping || this.isWaiting) return;
    this.isWaiting = true;
    this.running = this.running.then(() => this.run());
  }

  /** Runs once more after this time, for all who ask within it; sooner where a run is about to begin anyway. */
  requestIn(delayMs: number): void {
    if (this.stopping || this.isWaiting) return;
    this.delay ??= setTimeout(() => {
      this.delay = undefined;
      this.request();
    }, delayMs);
  }

  /** Resolves when nothing runs any more, nor ever will. To be awaited before the database closes. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    clearTimeout(this.delay);
    await this.running;
  }

  /**
   * Repeats `batch` until there is nothing more to do, or the sweep stops; resolves with how many it did in all.
   *
   * @param batch Does up to `size` and resolves with how many; fewer say that they were the last.
   */
  async inBatches(size: number, batch: (size: number) => Promise<number>): Promise<number> {
    let all = 0;
    for (let done = size; done === size && !this.stopping;) {
      done = await batch(size);
      all += done;
    }
    return all;
  }

  private async run(): Promise<void> {
    this.isWaiting = false;
    if (this.stopping) return;
    try {
      await this.body();
    } catch (error) {
      this.logger.warn({ error }, this.failure);
    }
  }
}
