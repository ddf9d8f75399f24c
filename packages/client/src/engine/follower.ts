import type { ChatId } from '@natter/protocol';
import { type Backoff, backoffMs, type Clock, pause } from '../clock.js';
import { applySnapshot, emptyState, gapsOf, type ServerEvent } from '../core/index.js';
import { toChatError, unreachable } from '../errors.js';
import type { Connection } from '../transport/connection.js';
import { toServerEvents } from '../transport/server-events.js';
import { isOf, type OwnEvent } from '../core/server-event.js';
import type { Hub } from './hub.js';
import { readSnapshot, type Request } from './read-snapshot.js';

const PAGE = 500;
/** What comes during a sync waits; of more, the sync is run again instead. */
const MOST_WAITING = 5000;
/** A gap is mostly a frame that is on its way already. */
const GAP_PATIENCE_MS = 50;
const GAP_BACKOFF: Backoff = { firstMs: 250, longestMs: 15_000 };

export interface FollowerEvents {
  /** The state was read anew: what happened in between was too much to tell. */
  readonly reset: () => void;
  /** Following failed; the connection is of no use any more. */
  readonly failed: (error: unknown) => void;
}

/**
 * Keeps the state at what the server has. What a connection brings is only a hint: where a number is missing, in a chat
 * or in the user's own stream, what is missing is pulled.
 */
export class Follower {
  private connection: Connection | undefined;
  /** Live events that wait until a sync is over; `undefined` while none runs. */
  private waiting: ServerEvent[] | undefined;
  private running: Promise<void> | undefined;
  private isOutdated = false;
  private readonly filling = new Set<ChatId>();

  constructor(
    private readonly hub: Hub,
    private readonly request: Request,
    private readonly clock: Clock,
    private readonly events: FollowerEvents,
  ) {}

  /** What comes from now on waits for `begin`. */
  prepare(): void {
    this.waiting = [];
  }

  /** Follows by a new connection; resolves when all that happened before is known. */
  async begin(connection: Connection): Promise<void> {
    this.connection = connection;
    await this.running?.catch(() => undefined);
    await this.run();
  }

  end(): void {
    this.connection = undefined;
    this.waiting = undefined;
  }

  receive(event: ServerEvent): void {
    if (this.waiting) {
      this.wait(event);
    } else if (this.isOutOfPlace(event)) {
      this.waiting = [event];
      this.catchUp();
    } else {
      this.hub.apply([event]);
      this.fillGaps();
    }
  }

  /** Reads what may have been missed, beside what comes. */
  catchUp(): void {
    if (!this.connection) return;
    this.isOutdated = true;
    this.waiting ??= [];
    if (!this.running) void this.run().catch((error: unknown) => this.events.failed(error));
  }

  /** Pulls what is missing in chats. */
  fillGaps(): void {
    const { state } = this.hub.getSnapshot();
    for (const { chatId } of state ? gapsOf(state) : []) {
      if (this.filling.has(chatId)) continue;
      this.filling.add(chatId);
      void this.fill(chatId).finally(() => this.filling.delete(chatId));
    }
  }

  private wait(event: ServerEvent): void {
    if (!this.waiting) return;
    this.waiting.push(event);
    if (this.waiting.length <= MOST_WAITING) return;
    this.waiting = [];
    this.isOutdated = true;
  }

  /** Of the user's own stream, what does not come next; of a chat, what the state would have to drop. */
  private isOutOfPlace(event: ServerEvent): boolean {
    const { state } = this.hub.getSnapshot();
    if (!state) return false;
    if (isOf(event, 'own')) {
      return state.userSeq === undefined || event.payload.userSeq > state.userSeq + 1;
    }
    return isOf(event, 'entry') && !state.chats.has(event.payload.chatId);
  }

  private run(): Promise<void> {
    this.waiting ??= [];
    this.running ??= this.follow();
    return this.running;
  }

  private async follow(): Promise<void> {
    await Promise.resolve();
    try {
      do {
        this.waiting ??= [];
        await this.readPages();
        this.release();
      } while (this.isOutdated);
    } finally {
      // In the same go as the last look at whether there is more: who asks next begins a run of its own.
      this.running = undefined;
    }
  }

  private async readPages(): Promise<void> {
    for (let hasMore = true; hasMore || this.isOutdated;) {
      if (!hasMore) this.isOutdated = false;
      hasMore = await this.readPage();
    }
  }

  private async readPage(): Promise<boolean> {
    const { connection } = this;
    if (!connection) throw unreachable();
    const { cursor } = this.hub.getSnapshot();
    if (cursor === undefined) this.isOutdated = false;
    const page = await connection
      .command('sync', { cursor, limit: PAGE })
      .catch((thrown: unknown) => {
        const error = toChatError(thrown);
        // The cursor is none of this server's: the same as one that is too old.
        if (error.code === 'INVALID' && cursor !== undefined) return undefined;
        throw error;
      });
    if (this.connection !== connection) throw unreachable();
    if (!page) {
      this.hub.update((model) => ({ ...model, cursor: undefined }));
      return true;
    }
    if (page.reset) {
      await this.beginAnew(page.cursor);
      return true;
    }
    this.hub.apply(toServerEvents(page.entries), (model) => ({ ...model, cursor: page.cursor }));
    return page.hasMore;
  }

  /** Takes a snapshot in place of what is known. What is in the outbox stays there. */
  private async beginAnew(cursor: string): Promise<void> {
    const snapshot = await readSnapshot(this.request);
    const deviceId = snapshot.devices.find(({ current }) => current)?.id;
    const known = this.hub.getSnapshot().state;
    this.hub.update((model) => ({
      ...model,
      cursor,
      state: applySnapshot(emptyState(snapshot.profile.id, deviceId), snapshot),
      islands: new Map(),
    }));
    if (known && known.chats.size > 0) this.events.reset();
  }

  /** Applies what waited, the user's own stream first and in its order. */
  private release(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    const own = waiting.filter((event): event is OwnEvent => isOf(event, 'own'));
    const others = waiting.filter((event) => !isOf(event, 'own'));
    const inOrder = own.toSorted((a, b) => a.payload.userSeq - b.payload.userSeq);
    this.hub.apply([...inOrder, ...others]);
    this.fillGaps();
  }

  private async fill(chatId: ChatId): Promise<void> {
    await pause(this.clock, GAP_PATIENCE_MS);
    for (let attempt = 0; ; attempt += 1) {
      const chat = this.hub.getSnapshot().state?.chats.get(chatId);
      if (!chat || chat.ahead.size === 0 || !this.connection) return;
      try {
        const { entries } = await this.request('getLog', {
          params: { id: chatId },
          query: { after: chat.lastSeq, limit: PAGE },
        });
        this.hub.apply(toServerEvents(entries));
        const after = this.hub.getSnapshot().state?.chats.get(chatId);
        if (after && after.lastSeq === chat.lastSeq && after.ahead.size > 0) {
          // The log does not have it: the chat is another one by now.
          this.catchUp();
          return;
        }
        attempt = 0;
      } catch (thrown) {
        if (!toChatError(thrown).retryable) {
          this.catchUp();
          return;
        }
        await pause(this.clock, backoffMs(GAP_BACKOFF, attempt));
      }
    }
  }
}
