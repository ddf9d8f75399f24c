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
import { Bus } from './bus.js';
import { LOCK_TIMEOUT_MS } from './lock-timeout.js';
import { type CommittedChatEntry, type MarkMove, onlySocket } from './commit.js';

/** Larger batches gain little throughput and cost latency. */
const BATCH_SIZE = 100;

/** Resolves when no tick and no microtask is left. */
const afterTicks = promisify(setImmediate);

interface Send {
  readonly draft: MessageDraft;
  readonly exceptSocketId: string | undefined;
  readonly queuedAt: number;
  resolve(outcome: SettledOutcome): void;
  reject(error: unknown): void;
}

interface Lane {
  readonly queue: Send[];
  running: boolean;
}

/** A batch on its way to the database; `result` never rejects. */
interface RunningBatch {
  readonly batch: readonly Send[];
  readonly startedAt: number;
  readonly result: Promise<CommittedBatch | { readonly error: unknown }>;
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
 * Commits concurrent sends together. Each chat belongs to one of a few lanes, each lane has one batch in flight, and
 * what arrives meanwhile forms the next batch: no delay when idle, large batches under load. The sends of one chat
 * are committed in the order in which they came.
 */
@Injectable()
export class AppendWriter {
  private readonly lanes: Lane[];
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
    this.lanes = Array.from({ length: config.writers }, () => ({ queue: [], running: false }));
  }

  /**
   * Appends one message and publishes it. Resolves after the commit.
   *
   * @throws {NatterError} `UNAVAILABLE` where too many sends wait or the first of them for too long, the chat stays locked,
   *   or the database is away; the same send may be tried again and is carried out at most once.
   */
  append(draft: MessageDraft, exceptSocketId?: string): Promise<SettledOutcome> {
    const queuedAt = performance.now();
    if (this.isOverloaded(draft.chatId, queuedAt)) {
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
  private isOverloaded(chatId: ChatId, now: number): boolean {
    const { waitingSends, sendWaitMs } = this.config.capacity;
    const { queue } = this.laneOf(chatId);
    const [first] = queue;
    const isBehind = first !== undefined && now - first.queuedAt > sendWaitMs;
    return this.waiting >= waitingSends || (isBehind && queue.length >= BATCH_SIZE);
  }

  private enqueue(send: Send): void {
    const held = this.heldChats.get(send.draft.chatId);
    if (held) {
      held.push(send);
      return;
    }
    const lane = this.laneOf(send.draft.chatId);
    lane.queue.push(send);
    if (!lane.running) void this.runLane(lane);
  }

  private laneOf(chatId: ChatId): Lane {
    const lane = this.lanes[Number.parseInt(chatId.slice(-4), 16) % this.lanes.length];
    if (!lane) throw new Error(`Unable to choose a lane for the chat ${chatId}`);
    return lane;
  }

  private async runLane(lane: Lane): Promise<void> {
    lane.running = true;
    let running = this.startNext(lane);
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
      running ??= this.startNext(lane);
    }
    lane.running = false;
  }

  private startNext({ queue }: Lane): RunningBatch | undefined {
    while (queue.length > 0) {
      const batch = queue.splice(0, BATCH_SIZE).filter((send) => !this.joinHeld(send));
      if (batch.length > 0) return this.start(batch);
    }
    return undefined;
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
