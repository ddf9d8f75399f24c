import { isAttentive, onAttention } from './platform.js';

/** Tells how far the user has seen a chat: of what was visible, and only while somebody looks at the page. */
export class SeenNotice {
  private furthest = 0;
  private stop: (() => void) | undefined;

  constructor(private readonly markSeen: (seq: number) => void) {}

  /** A message came into view. */
  report(seq: number): void {
    this.furthest = Math.max(this.furthest, seq);
    if (isAttentive()) this.tell();
    else this.stop ??= onAttention(() => this.tell());
  }

  private tell(): void {
    this.stop?.();
    this.stop = undefined;
    this.markSeen(this.furthest);
  }
}
