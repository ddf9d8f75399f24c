import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { overload } from '../errors/overload.js';

/**
 * Counts the commands and requests that this node has taken on and not answered. Above its capacity it refuses more, and
 * once it drains it refuses all: both before anything is done, so that they may be sent again, elsewhere or later.
 */
@Injectable()
export class NodeWork {
  private underWay = 0;
  private draining = false;
  private readonly waiting: (() => void)[] = [];

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'capacity'>) {}

  /** Whether the node takes no more work, and is about to stop. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** What is not answered yet. */
  get size(): number {
    return this.underWay;
  }

  /**
   * Takes on one command or request. Once it is answered, `end` must be called.
   *
   * @throws {NatterError} `UNAVAILABLE` where the node is full or drains; then there is nothing to end.
   */
  begin(): void {
    if (this.draining) throw overload('This node is stopping; try again shortly');
    if (this.underWay >= this.config.capacity.requests) {
      throw overload('This node is busy; try again shortly');
    }
    this.underWay += 1;
  }

  end(): void {
    this.underWay -= 1;
    if (this.underWay === 0) for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** From now on, and for good, nothing more is taken on. */
  drain(): void {
    this.draining = true;
  }

  /** Resolves when everything is answered, or after `patienceMs`. */
  async finish(patienceMs: number): Promise<void> {
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
