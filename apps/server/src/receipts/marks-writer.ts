import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { NatterError } from '../errors/natter-error.js';
import { overload } from '../errors/overload.js';
import { Bus } from '../streams/bus.js';
import { type MarkMove, onlySocket } from '../streams/commit.js';
import { LOCK_TIMEOUT_MS } from '../streams/lock-timeout.js';
import { type Mark, type MarkOutcome, ReceiptsRepository } from './receipts.repository.js';

const BATCH_SIZE = 200;
/** How long marks are gathered of a caller who is over his rate (RCPT-1). */
const GATHER_MS = 1000;
/** How long a mark waits that somebody else is moving. */
const BUSY_MS = 20;
/** Commands that may wait for one member's marks in one chat, so that nobody's keep out those of others. */
const WAITERS_LIMIT = 5000;

/** One command's mark, until it is settled. */
interface Waiter {
  readonly mark: Mark;
  readonly exceptSocketId: string | undefined;
  readonly askedAt: number;
  settle(outcome: Exclude<MarkOutcome['outcome'], 'busy'>): void;
  reject(error: unknown): void;
}

/** All that waits for one member's marks in one chat: they are written once, as far as the furthest of them. */
type Waiters = Waiter[];

function keyOf({ chatId, userId }: Mark): string {
  return `${chatId}:${userId}`;
}

function furthest(waiters: Waiters): Mark {
  const [first, ...others] = waiters.map(({ mark }) => mark);
  if (!first) throw new Error('Unable to move a mark; nobody waits for it');
  return others.reduce(
    (mark, other) => ({
      ...mark,
      deliveredSeq: Math.max(mark.deliveredSeq, other.deliveredSeq),
      seenSeq: Math.max(mark.seenSeq, other.seenSeq),
    }),
    first,
  );
}

function reach({ mark }: Waiter): number {
  return Math.max(mark.deliveredSeq, mark.seenSeq);
}

/**
 * Moves marks in batches: one is in flight, and what comes meanwhile is gathered for the next, the furthest mark of each
 * member and chat. What is written follows the marks that move, not the commands.
 */
@Injectable()
export class MarksWriter {
  private readonly waiting = new Map<string, Waiters>();
  /** Of callers who are over their rate, until their second is over. */
  private readonly gathering = new Map<string, Waiters>();
  private running = false;

  constructor(
    @Inject(ReceiptsRepository) private readonly receipts: Pick<ReceiptsRepository, 'move'>,
    private readonly bus: Bus,
    @Inject(CONFIG) private readonly config: Pick<Config, 'capacity'>,
  ) {}

  /**
   * Moves a member's marks ahead and publishes that. Resolves after the commit.
   *
   * @param isOverRate Whether the caller sends marks too fast: then they are gathered for up to a second (RCPT-1).
   * @throws {NatterError} `UNAVAILABLE` where too many marks wait, one stays busy, or the database is away.
   */
  move(
    mark: Mark,
    exceptSocketId: string | undefined,
    isOverRate: boolean,
  ): Promise<Exclude<MarkOutcome['outcome'], 'busy'>> {
    if (this.isFull(keyOf(mark))) {
      return Promise.reject(overload('Too many receipts are waiting; try again shortly'));
    }
    return new Promise<Exclude<MarkOutcome['outcome'], 'busy'>>((settle, reject) => {
      const waiter = { mark, exceptSocketId, askedAt: performance.now(), settle, reject };
      if (isOverRate) this.gather(waiter);
      else this.enqueue([waiter]);
    });
  }

  private isFull(key: string): boolean {
    const waiters = (this.waiting.get(key)?.length ?? 0) + (this.gathering.get(key)?.length ?? 0);
    return (
      waiters >= WAITERS_LIMIT ||
      this.waiting.size + this.gathering.size >= this.config.capacity.waitingMarks
    );
  }

  private gather(waiter: Waiter): void {
    const key = keyOf(waiter.mark);
    const others = this.gathering.get(key);
    if (others) {
      others.push(waiter);
      return;
    }
    const waiters = [waiter];
    this.gathering.set(key, waiters);
    setTimeout(() => {
      this.gathering.delete(key);
      this.enqueue(waiters);
    }, GATHER_MS);
  }

  private enqueue(waiters: Waiters): void {
    for (const waiter of waiters) {
      const key = keyOf(waiter.mark);
      const others = this.waiting.get(key);
      if (others) others.push(waiter);
      else this.waiting.set(key, [waiter]);
    }
    if (!this.running) void this.run();
  }

  private enqueueLater(waiters: Waiters, milliseconds: number): void {
    setTimeout(() => this.enqueue(waiters), milliseconds);
  }

  private async run(): Promise<void> {
    this.running = true;
    // What is asked for in one step of the event loop goes together.
    await Promise.resolve();
    while (this.waiting.size > 0) {
      const batch = [...this.waiting].slice(0, BATCH_SIZE);
      for (const [key] of batch) this.waiting.delete(key);
      await this.commit(batch.map(([, waiters]) => waiters));
    }
    this.running = false;
  }

  /** Never throws. */
  private async commit(batch: readonly Waiters[]): Promise<void> {
    try {
      const outcomes = await this.receipts.move(batch.map(furthest));
      const markMoves: MarkMove[] = [];
      for (const [index, { outcome, move }] of outcomes.entries()) {
        const waiters = batch[index] ?? [];
        if (outcome === 'moved') markMoves.push({ ...move, exceptSocketId: onlySocket(waiters) });
      }
      if (markMoves.length > 0) this.bus.publish({ chatEntries: [], userEvents: [], markMoves });
      for (const [index, { outcome }] of outcomes.entries())
        this.settle(batch[index] ?? [], outcome);
    } catch (error) {
      for (const waiter of batch.flat()) waiter.reject(error);
    }
  }

  private settle(waiters: Waiters, outcome: MarkOutcome['outcome']): void {
    if (outcome === 'busy') this.tryAgain(waiters);
    else if (outcome === 'beyond' && waiters.length > 1) this.refuseFurthest(waiters);
    else for (const waiter of waiters) waiter.settle(outcome);
  }

  private tryAgain(waiters: Waiters): void {
    const now = performance.now();
    const patient = waiters.filter(({ askedAt }) => now - askedAt < LOCK_TIMEOUT_MS);
    for (const waiter of waiters) {
      if (!patient.includes(waiter)) {
        waiter.reject(new NatterError('UNAVAILABLE', 'This chat is busy; try again shortly'));
      }
    }
    if (patient.length > 0) this.enqueueLater(patient, BUSY_MS);
  }

  /** The one that reaches too far must not fail the others that were gathered with it. */
  private refuseFurthest(waiters: Waiters): void {
    const most = Math.max(...waiters.map(reach));
    for (const waiter of waiters) if (reach(waiter) === most) waiter.settle('beyond');
    this.enqueue(waiters.filter((waiter) => reach(waiter) < most));
  }
}
