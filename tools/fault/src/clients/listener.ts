import { bodyHashOf, type JsonLines, type LiveLine, now } from '@natter/replay';
import * as z from 'zod/mini';
import type { Connection } from './connection.js';
import type { NatterApi } from './natter-api.js';

/** What is written down of an event; those without a `chatId` of its own or a `seq` are no entries of a chat. */
const Payload = z.object({
  chatId: z.optional(z.string()),
  seq: z.optional(z.int()),
  toSeq: z.optional(z.int()),
  id: z.optional(z.string()),
  text: z.optional(z.string()),
});

/**
 * A device that listens to a room and writes down everything it receives, in the order of receipt. After a reconnect
 * it reads what it missed from the log, as every client does; a gap while connected is left for the checker to find.
 */
export class Listener {
  private highest: number;
  /** Whatever is written goes through here, one after the other, so that the file has the order of receipt. */
  private queue: Promise<void> = Promise.resolve();
  private readonly watchers = new Set<() => void>();

  /**
   * To be made once the connection stands.
   *
   * @param afterSeq The last entry that the room had then.
   */
  constructor(
    private readonly chatId: string,
    afterSeq: number,
    private readonly connection: Connection,
    private readonly api: NatterApi,
    private readonly file: JsonLines<LiveLine>,
    private readonly warn: (warning: string) => void,
  ) {
    this.highest = afterSeq;
    this.connection.socket.on('connect', () => this.enqueue(() => this.catchUp()));
    this.connection.socket.onAny((event: string, payload: unknown) => {
      this.enqueue(() => this.write('live', event, payload));
    });
  }

  /** Resolves with whether the entry `seq` came, after waiting for it no longer than `waitMs`. */
  async whenReceived(seq: number, waitMs: number): Promise<boolean> {
    if (this.highest >= seq) return true;
    return new Promise((resolve) => {
      const settle = (received: boolean): void => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
        resolve(received);
      };
      const watcher = (): void => {
        if (this.highest >= seq) settle(true);
      };
      const timer = setTimeout(() => settle(false), waitMs);
      this.watchers.add(watcher);
    });
  }

  /** Resolves once everything received so far is written down. */
  written(): Promise<void> {
    return this.queue;
  }

  private enqueue(step: () => Promise<void>): void {
    this.queue = this.queue.then(step).catch((error: unknown) => {
      this.warn(`The listener of ${this.chatId} missed something: ${String(error)}`);
    });
  }

  private async catchUp(): Promise<void> {
    for (let hasMore = true; hasMore;) {
      const page = await this.api.readLog(this.connection.token, this.chatId, this.highest);
      for (const { event, payload } of page.entries) await this.write('log', event, payload);
      hasMore = page.hasMore && page.entries.length > 0;
    }
  }

  private async write(source: LiveLine['source'], event: string, payload: unknown): Promise<void> {
    const { success, data } = z.safeParse(Payload, payload);
    const { id, text, ...place } = success ? data : {};
    await this.file.append({
      source,
      event,
      ...place,
      ...(id !== undefined && { messageId: id }),
      ...(text !== undefined && { bodyHash: bodyHashOf(text) }),
      ...now(),
    });
    if (place.chatId === this.chatId && place.seq !== undefined) {
      this.highest = Math.max(this.highest, place.toSeq ?? place.seq);
      for (const watcher of this.watchers) watcher();
    }
  }
}
