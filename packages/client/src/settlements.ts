import type { Chat, Media, Message } from '@natter/protocol';
import { ChatError, type ErrorInfo } from './errors.js';

/** What the server answered to an operation, as far as anybody waits for it. */
export interface Settled {
  /** The message that was sent or changed. */
  readonly message?: Message;
  /** The group that was made. */
  readonly chat?: Chat;
  /** The file that was uploaded. */
  readonly media?: Media;
}

interface Waiting {
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: ChatError) => void;
}

/** A promise that may be left alone: its failure is told by an event as well. */
export function unhurried<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Promises for operations in the outbox. One that nobody waits for does not count as unhandled. */
export class Settlements {
  private readonly waiting = new Map<string, Waiting[]>();

  of(id: string): Promise<Settled> {
    const promise = new Promise<Settled>((resolve, reject) => {
      this.waiting.set(id, [...(this.waiting.get(id) ?? []), { resolve, reject }]);
    });
    return unhurried(promise);
  }

  resolve(id: string, settled: Settled): void {
    for (const { resolve } of this.take(id)) resolve(settled);
  }

  reject(id: string, error: ErrorInfo): void {
    for (const { reject } of this.take(id)) reject(new ChatError(error));
  }

  private take(id: string): Waiting[] {
    const waiting = this.waiting.get(id) ?? [];
    this.waiting.delete(id);
    return waiting;
  }
}
