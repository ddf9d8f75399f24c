import type { ChatId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { Bus } from '../streams/bus.js';
import type { Heads } from '../streams/commit.js';
import { Metrics } from '../metrics/metrics.js';
import { Tail } from '../streams/tail.js';
import { SearchIndexing } from './search-indexing.js';

/** What comes within it is indexed together. */
const GATHERING_MS = 100;
/** The same where much comes: the more is indexed together, the less each message takes from the sends. */
const BUSY_GATHERING_MS = 1000;
/** Entries in a gathering from which on the next one is a longer one; longer ones go on with as many in a second. */
const BUSY_ENTRIES = 20;
/** After a failure, and where another node holds what is left. */
const RETRY_MS = 500;
const BATCH_CHATS = 200;
const SWEEP_PAGE = 500;

/**
 * Keeps the index close behind the streams, outside of every send. The bus says at once which chats have moved, the
 * tail says it for certain, and what is indexed is told from the positions in the database: what a node did not get to
 * before it died is found by the others, or when it starts.
 */
@Injectable()
export class SearchIndexer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly pending = new Set<ChatId>();
  /** Where the sweep over all chats stands; absent when it is over. */
  private sweep: { after: ChatId | undefined } | undefined = { after: undefined };
  private reindexing = true;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private stopping = false;
  /** Entries that were heard of since the last gathering was over. */
  private heard = 0;
  private gatheringMs = GATHERING_MS;

  constructor(
    private readonly indexing: SearchIndexing,
    private readonly bus: Bus,
    private readonly tail: Tail,
    @Inject(LOGGER) private readonly logger: Logger,
    metrics: Metrics,
  ) {
    const help = 'Chats with messages that this node has heard of and nobody may have indexed yet.';
    metrics.watch('search_pending_chats', help, () => this.pending.size);
  }

  onApplicationBootstrap(): void {
    this.bus.subscribe(({ chatEntries }, origin) => {
      // The node that committed it indexes it; where that died, the tail tells.
      if (origin === 'elsewhere') return;
      for (const { chatId } of chatEntries) this.pending.add(chatId);
      this.heard += chatEntries.length;
      if (chatEntries.length > 0) this.wake(this.gatheringMs);
    });
    this.tail.subscribe({
      advanced: ({ chats }: Heads) => {
        for (const chatId of chats.keys()) this.pending.add(chatId);
        if (chats.size > 0) this.wake(GATHERING_MS);
      },
      interrupted: () => {
        this.sweep = { after: undefined };
        this.reindexing = true;
        this.wake(GATHERING_MS);
      },
    });
    this.wake(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private wake(delayMs: number): void {
    if (this.stopping || this.timer || this.working) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.gatheringMs = this.heard > BUSY_ENTRIES ? BUSY_GATHERING_MS : GATHERING_MS;
      this.heard = 0;
      this.working = this.work().then((pauseMs) => {
        this.working = undefined;
        if (this.hasWork()) this.wake(pauseMs);
      });
    }, delayMs);
  }

  private hasWork(): boolean {
    return this.pending.size > 0 || this.sweep !== undefined || this.reindexing;
  }

  /** Until there is nothing to do, or nothing that should be done now. Resolves with how long to wait; never rejects. */
  private async work(): Promise<number> {
    try {
      while (!this.stopping) {
        const progress = await this.catchUp();
        if (progress === 'held') return RETRY_MS;
        if (progress === 'more' || this.pending.size >= BATCH_CHATS) continue;
        if (!(await this.workBackwards())) break;
      }
      return this.pending.size > 0 ? this.gatheringMs : RETRY_MS;
    } catch (error) {
      this.logger.warn({ error }, 'unable to index messages for the search; trying again');
      return RETRY_MS;
    }
  }

  /** A part of what was missed, or else of what is to be indexed again; `false` where there is none to be had. */
  private async workBackwards(): Promise<boolean> {
    if (this.sweep) {
      const missed = await this.indexing.behind(this.sweep.after, SWEEP_PAGE);
      for (const chatId of missed) this.pending.add(chatId);
      this.sweep = missed.length < SWEEP_PAGE ? undefined : { after: missed.at(-1) };
      return true;
    }
    if (!this.reindexing) return false;
    const outcome = await this.indexing.reindex();
    if (outcome === 'done') this.reindexing = false;
    return outcome === 'more';
  }

  /** `more` where a part of what is new is left, `held` where other nodes have all of it. */
  private async catchUp(): Promise<'done' | 'more' | 'held'> {
    if (this.pending.size === 0) return 'done';
    const chatIds = [...this.pending].slice(0, BATCH_CHATS);
    // Taken out before they are read: what is committed from here on puts them in again.
    for (const chatId of chatIds) this.pending.delete(chatId);
    try {
      const { left, advanced } = await this.indexing.catchUp(chatIds);
      for (const chatId of left) this.pending.add(chatId);
      if (left.length === 0) return 'done';
      return advanced ? 'more' : 'held';
    } catch (error) {
      for (const chatId of chatIds) this.pending.add(chatId);
      throw error;
    }
  }
}
