import { promisify } from 'node:util';
import type { ChatId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { CONFIG, type Config } from '../config/config.js';
import { Database, HELD_LANES } from '../database/database.js';
import { overload } from '../errors/overload.js';
import { isDatabaseAway, isTimeout } from '../errors/translate.js';
import { Metrics } from '../metrics/metrics.js';
import { appendBatch } from './append-batch.js';
import {
  type AppendOutcome,
  committedEntry,
  type MessageDraft,
  type SettledOutcome,
} from './append-statement.js';
import { AppendQueue, type Send } from './append-queue.js';
import { Bus } from './bus.js';
import { LOCK_TIMEOUT_MS } from './lock-timeout.js';
import { type CommittedChatEntry, type MarkMove, onlySocket } from './commit.js';

/** Larger batches gain little throughput and cost latency. */
const BATCH_SIZE = 100;

/** After so many more in the queue it is looked at whether another lane is to take some. */
const LOOK_SENDS = 50;

/** Resolves when no tick and no microtask is left. */
const afterTicks = promisify(setImmediate);

/** A batch on its way to the database; `result` never rejects. */
interface RunningBatch {
  readonly batch: readonly Send[];
  readonly startedAt: number;
  readonly result: Promise<CommittedBatch | { readonly error: unknown }>;
}

/** Batches one after the other, each on its way or still to be told of; idle while there are none. */
interface Lane {
  readonly batches: (readonly Send[])[];
}

interface CommittedBatch {
  readonly outcomes: readonly AppendOutcome[];
  readonly committedAt: number;
}

function isSettled(outcome: AppendOutcome): outcome is SettledOutcome {
  return outcome.outcome !== 'busy';
}

/** Of a batch what the same sender sent to the same chat; his marks move once for all of it. */
function sentWith({ draft: { chatId, senderId } }: Send, batch: readonly Send[]): readonly Send[] {
  return batch.filter(({ draft }) => draft.senderId === senderId && draft.chatId === chatId);
}

/**
 * Commits concurrent sends together: one batch is in flight, and what arrives meanwhile forms the next one, so there is no
 * delay when idle, and batches are large under load. Where much waits, further lanes have a batch in flight, of chats
 * that no other lane has: the sends of one chat are committed, and told of, in the order in which they came.
 */
@Injectable()
export class AppendWriter {
  private readonly queue = new AppendQueue();
  private readonly lanes: readonly Lane[];
  /** Chats that another transaction held when their batch ran, each with the sends that wait for it. */
  private readonly heldChats = new Map<ChatId, Send[]>();
  private readonly heldLanes = pLimit(HELD_LANES);
  private waiting = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly bus: Bus,
    @Inject(Metrics) private readonly metrics: Pick<Metrics, 'watch' | 'batchCommitted'>,
  ) {
    metrics.watch('waiting_messages', 'Messages that wait to be stored.', () => this.waiting);
    this.lanes = Array.from({ length: config.writers }, () => ({ batches: [] }));
  }

  /**
   * Appends one message and publishes it. Resolves after the commit.
   *
   * @throws {NatterError} `UNAVAILABLE` where too many sends wait or the first of them for too long, the chat stays locked,
   *   or the database is away; the same send may be tried again and is carried out at most once.
   */
  append(draft: MessageDraft, exceptSocketId?: string): Promise<SettledOutcome> {
    const queuedAt = performance.now();
    if (this.isOverloaded(queuedAt)) {
      return Promise.reject(overload('Too many messages are waiting; try again shortly'));
    }
    this.waiting += 1;
    const outcome = new Promise<SettledOutcome>((resolve, reject) => {
      this.enqueue({ draft, exceptSocketId, queuedAt, resolve, reject });
    });
    return outcome.finally(() => {
      this.waiting -= 1;
    });
  }

  /**
   * Whoever comes behind one who has waited so long would wait as long himself, and better tries again. Where not even a
   * batch waits it is a pause of the database, and not too much to do.
   */
  private isOverloaded(now: number): boolean {
    const { waitingSends, sendWaitMs } = this.config.capacity;
    const { oldest, length } = this.queue;
    const isBehind = oldest !== undefined && now - oldest.queuedAt > sendWaitMs;
    return this.waiting >= waitingSends || (isBehind && length >= BATCH_SIZE);
  }

  private enqueue(send: Send): void {
    // Those before it may wait in the queue still.
    const { chatId } = send.draft;
    if (this.heldChats.has(chatId) && !this.queue.has(chatId)) {
      this.joinHeld(send);
      return;
    }
    this.queue.push(send);
    // Now and then is enough: whoever has a batch in flight comes back for the rest.
    const { length } = this.queue;
    if (length === 1 || length % LOOK_SENDS === 0) this.startLanes();
  }

  private startLanes(): void {
    for (const lane of this.lanes) {
      if (lane.batches.length > 0) continue;
      const running = this.startNext(lane);
      if (!running) return;
      void this.runLane(lane, running);
    }
  }

  private async runLane(lane: Lane, first: RunningBatch): Promise<void> {
    let running: RunningBatch | undefined = first;
    while (running) {
      const { batch, startedAt } = running;
      const result = await running.result;
      running = undefined;
      if ('error' in result) {
        await this.commitParts(batch, result.error);
      } else {
        this.holdBackBusy(batch, result.outcomes);
        running = this.startNext(lane);
        // The database gets to work on the next batch before this one is told of, which takes about as long. Pool and
        // driver pass the statement on in a few ticks, and it is written by then.
        if (running) await afterTicks();
        this.finish(batch, startedAt, result);
      }
      lane.batches.shift();
      running ??= this.startNext(lane);
      // The chats of this batch are free for other lanes.
      this.startLanes();
    }
  }

  private startNext(lane: Lane): RunningBatch | undefined {
    for (;;) {
      const taken = this.takeFor(lane);
      if (taken.length === 0) return undefined;
      const batch = taken.filter((send) => !this.joinHeld(send));
      if (batch.length === 0) continue;
      lane.batches.push(batch);
      return this.start(batch);
    }
  }

  private takeFor(lane: Lane): Send[] {
    const others = this.lanes.flatMap((other) => (other === lane ? [] : other.batches));
    if (others.length === 0) return this.queue.take(BATCH_SIZE);
    const chatIds = new Set(others.flat().map(({ draft }) => draft.chatId));
    return this.queue.takeBeside(chatIds, BATCH_SIZE);
  }

  private start(batch: readonly Send[], lockTimeoutMs?: number): RunningBatch {
    const drafts = batch.map((send) => send.draft);
    const result = this.appendWithRetry(drafts, lockTimeoutMs).then(
      (outcomes) => ({ outcomes, committedAt: performance.now() }),
      (error: unknown) => ({ error }),
    );
    return { batch, startedAt: performance.now(), result };
  }

  /** Puts a send behind the others of its chat, where that chat turned out to be held after the send was queued. */
  private joinHeld(send: Send): boolean {
    const held = this.heldChats.get(send.draft.chatId);
    held?.push(send);
    return held !== undefined;
  }

  private async runHeldChat(chatId: ChatId, sends: Send[]): Promise<void> {
    while (sends.length > 0) await this.commit(sends.splice(0, BATCH_SIZE), LOCK_TIMEOUT_MS);
    this.heldChats.delete(chatId);
  }

  /** Commits a batch and settles each of its sends. Never throws. */
  private async commit(batch: readonly Send[], lockTimeoutMs?: number): Promise<void> {
    const { startedAt, result: running } = this.start(batch, lockTimeoutMs);
    const result = await running;
    if ('error' in result) {
      await this.commitParts(batch, result.error, lockTimeoutMs);
      return;
    }
    this.holdBackBusy(batch, result.outcomes);
    this.finish(batch, startedAt, result);
  }

  /** What becomes of a batch that failed as a whole. */
  private async commitParts(
    batch: readonly Send[],
    error: unknown,
    lockTimeoutMs?: number,
  ): Promise<void> {
    if (batch.length === 1 || isDatabaseAway(error)) {
      for (const send of batch) send.reject(error);
      return;
    }
    // One of them cannot be stored: halve until it stands alone, so that it fails none of its neighbours.
    const middle = Math.ceil(batch.length / 2);
    await this.commit(batch.slice(0, middle), lockTimeoutMs);
    // The first half may have found a chat held: what follows in that chat waits behind it.
    const rest =
      lockTimeoutMs === undefined
        ? batch.slice(middle).filter((send) => !this.joinHeld(send))
        : batch.slice(middle);
    if (rest.length > 0) await this.commit(rest, lockTimeoutMs);
  }

  private finish(
    batch: readonly Send[],
    startedAt: number,
    { outcomes, committedAt }: CommittedBatch,
  ): void {
    try {
      this.settle(batch, outcomes);
    } catch (error) {
      // What was stored stays, and is found by who sends it again; the lane goes on.
      for (const [index, send] of batch.entries()) {
        if (outcomes[index]?.outcome !== 'busy') send.reject(error);
      }
    }
    const queuedAt = batch[0]?.queuedAt ?? startedAt;
    this.metrics.batchCommitted(batch.length, {
      queue: (startedAt - queuedAt) / 1000,
      commit: (committedAt - startedAt) / 1000,
      publish: (performance.now() - committedAt) / 1000,
    });
  }

  /** A commit whose answer was lost is tried once more as it is: what was stored comes back as `duplicate`. */
  private async appendWithRetry(
    drafts: readonly MessageDraft[],
    lockTimeoutMs: number | undefined,
  ): Promise<AppendOutcome[]> {
    try {
      return await appendBatch(this.database.writers, drafts, lockTimeoutMs);
    } catch (error) {
      // A statement that took too long may be running still.
      if (!isDatabaseAway(error) || isTimeout(error) || lockTimeoutMs !== undefined) throw error;
      return appendBatch(this.database.writers, drafts, lockTimeoutMs);
    }
  }

  private holdBackBusy(batch: readonly Send[], outcomes: readonly AppendOutcome[]): void {
    for (const [index, send] of batch.entries()) {
      if (outcomes[index]?.outcome === 'busy') this.holdBack(send);
    }
  }

  /** Tells of what was committed, and each send of its outcome, but for those that are held back. */
  private settle(batch: readonly Send[], outcomes: readonly AppendOutcome[]): void {
    const chatEntries: CommittedChatEntry[] = [];
    const markMoves: MarkMove[] = [];
    const settled: [Send, SettledOutcome][] = [];
    for (const [index, send] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error('Unable to settle a send; its outcome is missing');
      if (!isSettled(outcome)) continue;
      settled.push([send, outcome]);
      if (outcome.outcome === 'appended') {
        chatEntries.push(committedEntry(outcome, send.exceptSocketId));
        if (outcome.markMove) {
          const exceptSocketId = onlySocket(sentWith(send, batch));
          markMoves.push({ ...outcome.markMove, exceptSocketId });
        }
      }
    }
    if (chatEntries.length > 0) this.bus.publish({ chatEntries, userEvents: [], markMoves });
    for (const [send, outcome] of settled) send.resolve(outcome);
  }

  private holdBack(send: Send): void {
    const { chatId } = send.draft;
    if (this.joinHeld(send)) return;
    const sends = [send];
    this.heldChats.set(chatId, sends);
    // Starts after the whole batch is settled, so that all of its sends to this chat are in front.
    queueMicrotask(() => void this.heldLanes(() => this.runHeldChat(chatId, sends)));
  }
}
