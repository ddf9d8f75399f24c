import { setTimeout as wait } from 'node:timers/promises';
import { type MarkMove, onlySocket } from '../streams/commit.js';

/** Moves of which is told at once; each costs a look at who is concerned. */
const BATCH = 200;
/** Between two looks. Nobody sees a tick come so much later, and without it each batch of sends would bring a look. */
const PAUSE_MS = 20;
/**
 * The same after a look at so many moves. Who answers in a chat moves his mark in it: told of one by one, the marks of a
 * busy server would be as many events as its messages.
 */
const BUSY_PAUSE_MS = 100;
const BUSY_MOVES = 8;

function joined(first: MarkMove, next: MarkMove): MarkMove {
  return {
    ...next,
    // The bus may have brought them in another order than that in which they were committed.
    deliveredSeq: Math.max(first.deliveredSeq, next.deliveredSeq),
    seenSeq: Math.max(first.seenSeq, next.seenSeq),
    at: first.at > next.at ? first.at : next.at,
    deliveredBefore: Math.min(first.deliveredBefore, next.deliveredBefore),
    seenBefore: Math.min(first.seenBefore, next.seenBefore),
    exceptSocketId: onlySocket([first, next]),
  };
}

/**
 * Has others told of marks, batch after batch: at once where nothing moved lately, otherwise gathered until a little after
 * the ones before were told of, of each member and chat from where it was to where it has come. So it is bounded by who is
 * connected, and nothing overtakes.
 */
export class MarkMoves {
  private pending = new Map<string, MarkMove>();
  private running = false;

  /** @param tell Never rejects. */
  constructor(private readonly tell: (moves: readonly MarkMove[]) => Promise<void>) {}

  add(moves: readonly MarkMove[]): void {
    if (moves.length === 0) return;
    for (const move of moves) {
      const key = `${move.chatId}:${move.userId}`;
      const before = this.pending.get(key);
      this.pending.set(key, before ? joined(before, move) : move);
    }
    if (!this.running) void this.run();
  }

  /** What waits is not told of any more. */
  drop(): void {
    this.pending.clear();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.pending.size > 0) {
      const batch = [...this.pending];
      this.pending = new Map(batch.splice(BATCH));
      await this.tell(batch.map(([, move]) => move));
      if (this.pending.size >= BATCH) continue;
      await wait(batch.length < BUSY_MOVES ? PAUSE_MS : BUSY_PAUSE_MS);
    }
    this.running = false;
  }
}
