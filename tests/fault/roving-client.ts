import { randomUUID } from 'node:crypto';
import { type Message, Message as MessageSchema } from '@natter/protocol';
import { TestSocket, type TestUser } from '@natter/testing';
import * as z from 'zod/mini';

const RETRY_MS = 20;

interface Send {
  readonly chatId: string;
  readonly clientMessageId: string;
  readonly text: string;
}

/**
 * A device that sends one message after the other and keeps all that it is told of a chat. Where its node goes, it moves
 * to the next one, syncs, and sends again what was not acknowledged, under the same id.
 */
export class RovingClient {
  readonly acknowledged = new Map<string, Message>();
  /** Every message that came, live or by sync, by its number. */
  readonly seen = new Map<number, string>();
  moves = 0;
  private socket: TestSocket | undefined;
  private cursor: string | undefined;
  private stopped = false;

  /** @param node The index of the node that it begins with. */
  constructor(
    private readonly urls: readonly string[],
    private readonly user: TestUser,
    private readonly chatId: string,
    private node: number,
  ) {}

  async run(): Promise<void> {
    for (let number = 1; !this.stopped; number += 1) {
      const text = `${this.user.id} says ${number}`;
      await this.send({ chatId: this.chatId, clientMessageId: randomUUID(), text });
    }
  }

  /** Ends the sending, and resolves when it has also seen everything up to `lastSeq`. */
  async finish(running: Promise<void>, lastSeq: () => Promise<number>): Promise<void> {
    this.stopped = true;
    await running;
    const goal = await lastSeq();
    // A whole sync at least: his own message may be the last of all, and what came before it not be here yet.
    while (!(await this.catchUp()) || !this.hasSeen(goal));
    this.socket?.close();
  }

  private hasSeen(lastSeq: number): boolean {
    return Math.max(0, ...this.seen.keys(), ...this.own()) >= lastSeq;
  }

  /** What he sent himself comes with its acknowledgement. */
  private own(): number[] {
    return [...this.acknowledged.values()].map(({ seq }) => seq);
  }

  private async send(payload: Send): Promise<void> {
    for (;;) {
      try {
        const socket = await this.connected();
        const answer = await socket.answer('sendMessage', payload);
        if (answer.ok) {
          this.acknowledged.set(payload.clientMessageId, answer.data.message);
          return;
        }
        if (!answer.error.retryable) throw new RefusedError(JSON.stringify(answer.error));
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        this.move();
      }
      await pause();
    }
  }

  private async catchUp(): Promise<boolean> {
    try {
      const socket = await this.connected();
      await this.sync(socket);
      return true;
    } catch {
      this.move();
      await pause();
      return false;
    }
  }

  private async connected(): Promise<TestSocket> {
    if (this.socket?.raw.connected) return this.socket;
    if (this.socket) this.move();
    const url = this.urls[this.node % this.urls.length] ?? '';
    const socket = await TestSocket.connect(url, { token: this.user.token });
    socket.raw.on('newMessage', (payload: unknown) => this.see(payload));
    this.socket = socket;
    await this.sync(socket);
    return socket;
  }

  private move(): void {
    this.socket?.close();
    this.socket = undefined;
    this.node += 1;
    this.moves += 1;
  }

  private async sync(socket: TestSocket): Promise<void> {
    for (;;) {
      const page = await socket.command('sync', {
        ...(this.cursor !== undefined && { cursor: this.cursor }),
        limit: 500,
      });
      for (const { event, payload } of page.entries) if (event === 'newMessage') this.see(payload);
      this.cursor = page.cursor;
      if (!page.hasMore) return;
    }
  }

  private see(payload: unknown): void {
    const { chatId, seq, id } = z.parse(MessageSchema, payload);
    if (chatId !== this.chatId) return;
    const before = this.seen.get(seq);
    if (before !== undefined && before !== id) {
      throw new Error(`The number ${seq} is of ${before} and of ${id}`);
    }
    this.seen.set(seq, id);
  }
}

class RefusedError extends Error {}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, RETRY_MS);
  });
}
