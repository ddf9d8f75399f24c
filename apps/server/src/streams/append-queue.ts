import type { ChatId } from '@natter/protocol';
import type { MessageDraft, SettledOutcome } from './append-statement.js';

/**
 * Sends to other chats that wait beside a batch in flight, before they are worth another one. Two batches of six sends cost
 * the database 1.4 times as much as one of twelve, and where they share a core each waits for the other.
 */
const CROWDED_SENDS = 50;

/** From then on one of them is worth a batch, so that it does not wait for all that came before it to another chat. */
const PATIENCE_MS = 100;

/** A message on its way into the database. */
export interface Send {
  readonly draft: MessageDraft;
  readonly exceptSocketId: string | undefined;
  readonly queuedAt: number;
  resolve(outcome: SettledOutcome): void;
  reject(error: unknown): void;
}

/** Sends that wait for a batch, in the order in which they came. */
export class AppendQueue {
  private sends: Send[] = [];

  get length(): number {
    return this.sends.length;
  }

  get oldest(): Send | undefined {
    return this.sends[0];
  }

  push(send: Send): void {
    this.sends.push(send);
  }

  /** Whether one waits to this chat. */
  has(chatId: ChatId): boolean {
    return this.sends.some((send) => send.draft.chatId === chatId);
  }

  /** Takes the first of them, `most` at most. */
  take(most: number): Send[] {
    return this.sends.splice(0, most);
  }

  /** Takes the first of those to other chats, `most` at most; none where they are not worth a batch of their own. */
  takeBeside(chatIds: ReadonlySet<ChatId>, most: number): Send[] {
    if (!this.isWorthBatch(this.sends)) return [];
    const taken = new Set<Send>();
    for (const send of this.sends) {
      if (taken.size === most) break;
      if (!chatIds.has(send.draft.chatId)) taken.add(send);
    }
    if (!this.isWorthBatch([...taken])) return [];
    this.sends = this.sends.filter((send) => !taken.has(send));
    return [...taken];
  }

  private isWorthBatch(sends: readonly Send[]): boolean {
    const [first] = sends;
    if (first === undefined) return false;
    return sends.length >= CROWDED_SENDS || performance.now() - first.queuedAt > PATIENCE_MS;
  }
}
