import { overload } from '../errors/overload.js';
import { LOCK_TIMEOUT_MS } from './lock-timeout.js';

/** How long a change waits for its turn at all of its streams. Where they are only busy, most get it sooner. */
const PATIENCE_MS = 5000;
/** Whoever has waited for the time of a lock already still outlasts a batch of sends, which is over in less. */
const SHORTEST_LOCK_MS = 25;

/** Lets in so many at a time, in the order in which they came. */
class Line {
  private inside = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly width: number) {}

  get isEmpty(): boolean {
    return this.inside === 0;
  }

  /**
   * Resolves once the caller is in; he must `leave`.
   *
   * @throws {NatterError} `UNAVAILABLE` where that takes longer than his patience.
   */
  async enter(patienceMs: number): Promise<void> {
    if (this.inside < this.width) {
      this.inside += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const letIn = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(letIn);
        reject(overload('This is busy; try again shortly'));
      }, patienceMs);
      this.waiting.add(letIn);
    });
  }

  leave(): void {
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      next();
    } else {
      this.inside -= 1;
    }
  }
}

/**
 * Where the changes of a node wait before they take a connection: one at a time for each stream, as its row lock would
 * have it anyway, and so many in all. A stream that another node holds costs one connection, and never all (T82).
 */
export class ChangeLines {
  private readonly streams = new Map<string, Line>();
  private readonly connections: Line;
  private changes = 0;

  /**
   * @param width How many changes may hold a connection at once.
   * @param capacity How many may wait or be carried out; more are refused.
   */
  constructor(
    width: number,
    private readonly capacity: number,
  ) {
    this.connections = new Line(width);
  }

  /** How many streams are being changed or waited for. */
  get size(): number {
    return this.streams.size;
  }

  /**
   * Runs `action` when it is its turn at all of the streams, which must come in the order of their locks. It is told how
   * many milliseconds it may wait for the locks: who has waited in line for a held stream hardly waits once more, so that
   * the whole line learns soon after its first that the stream is held.
   *
   * @throws {NatterError} `UNAVAILABLE` where too many wait, or its turn does not come within 5 s; then nothing was done.
   */
  async run<T>(
    streamIds: readonly string[],
    action: (lockTimeoutMs: number) => Promise<T>,
  ): Promise<T> {
    if (this.changes >= this.capacity) {
      throw overload('Too many changes are waiting; try again shortly');
    }
    this.changes += 1;
    try {
      return await this.runInTurn(streamIds, action);
    } finally {
      this.changes -= 1;
    }
  }

  private async runInTurn<T>(
    streamIds: readonly string[],
    action: (lockTimeoutMs: number) => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    const left = (most: number): number => Math.ceil(most - (performance.now() - startedAt));
    const entered: string[] = [];
    try {
      for (const id of new Set(streamIds)) {
        await this.lineOf(id).enter(left(PATIENCE_MS));
        entered.push(id);
      }
      await this.connections.enter(left(PATIENCE_MS));
      try {
        return await action(Math.max(SHORTEST_LOCK_MS, left(LOCK_TIMEOUT_MS)));
      } finally {
        this.connections.leave();
      }
    } finally {
      for (const id of entered) this.leave(id);
    }
  }

  private lineOf(id: string): Line {
    const line = this.streams.get(id) ?? new Line(1);
    this.streams.set(id, line);
    return line;
  }

  private leave(id: string): void {
    const line = this.streams.get(id);
    line?.leave();
    if (line?.isEmpty) this.streams.delete(id);
  }
}
