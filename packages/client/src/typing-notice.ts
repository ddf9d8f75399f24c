import type { ChatId } from '@natter/protocol';
import type { Clock } from './clock.js';
import type { Brain } from './engine/brain.js';

/** Within the 5 s for which the server believes it (TYP-1). */
const REPEAT_MS = 3000;
const IDLE_MS = 5000;

/** Tells the others that the user types: at once, then every 3 s while he goes on; it is never kept for later. */
export class TypingNotice {
  private toldAt: number | undefined;
  private endIdle: (() => void) | undefined;

  constructor(
    private readonly chatId: ChatId,
    private readonly brain: Brain,
    private readonly clock: Clock,
  ) {}

  /** To be called for each change of what the user is writing. */
  keystroke(): void {
    this.endIdle?.();
    this.endIdle = this.clock.after(IDLE_MS, () => this.stop());
    const now = this.clock.now();
    if (this.toldAt !== undefined && now - this.toldAt < REPEAT_MS) return;
    this.toldAt = now;
    this.brain.tell('typing', this.chatId);
  }

  /** The user does not write any more: the composer was emptied, left or hidden. */
  stop(): void {
    if (this.toldAt === undefined) return;
    this.sent();
    this.brain.tell('stopTyping', this.chatId);
  }

  /** A message ends it by itself. */
  sent(): void {
    this.endIdle?.();
    this.endIdle = undefined;
    this.toldAt = undefined;
  }
}
