import { Injectable } from '@nestjs/common';
import type { Commit } from './commit.js';

/**
 * Carries commits to the dispatchers at once. It may lose, double and reorder them: the tail makes certain what the
 * bus makes fast.
 */
export abstract class Bus {
  abstract publish(commit: Commit): void;
  abstract subscribe(listener: (commit: Commit) => void): void;
}

/** The bus of a single node. */
@Injectable()
export class InProcessBus extends Bus {
  private readonly listeners: ((commit: Commit) => void)[] = [];

  publish(commit: Commit): void {
    for (const listener of this.listeners) listener(commit);
  }

  subscribe(listener: (commit: Commit) => void): void {
    this.listeners.push(listener);
  }
}
