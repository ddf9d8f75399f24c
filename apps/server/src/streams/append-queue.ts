import type { ChatId } from '@natter/protocol';
import type { MessageDraft, SettledOutcome } from './append-statement.js';

/** A message on its way into the database. */
export interface Send {
  readonly draft: MessageDraft;
  readonly exceptSocketId: string | undefined;
  readonly queuedAt: number;
  resolve(outcome: SettledOutcome): void;
  reject(error: unknown): void;
}

export interface Share {
  readonly least: number;
  readonly most: number;
  readonly chatsElsewhere: ReadonlySet<ChatId>;
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

  /**
   * Takes the first `most` of those that are not to one of `chatsElsewhere`, or none where they are fewer than `least`.
   */
  take({ least, most, chatsElsewhere }: Share): Send[] {
    if (chatsElsewhere.size === 0) return this.sends.splice(0, most);
    const taken: Send[] = [];
    const left: Send[] = [];
    for (const send of this.sends) {
      const isFree = taken.length < most && !chatsElsewhere.has(send.draft.chatId);
      (isFree ? taken : left).push(send);
    }
    if (taken.length < least) return [];
    this.sends = left;
    return taken;
  }
}
