import type { Outcome } from './speaker.js';

/** Where progress is shown; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 5000;
const CLEAR_LINE = '\r\u001B[K';

/** Tells how far the replay is: a bar on a terminal, else a line every few seconds. */
export class Progress {
  private readonly counts = { ok: 0, fail: 0, unknown: 0 };
  private total = 0;
  private startedMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: Terminal) {}

  /** A line of its own. */
  say(line: string): void {
    this.terminal.write(`${this.terminal.isTTY ? CLEAR_LINE : ''}${line}\n`);
  }

  /** Shows progress until `stop`. */
  start(total: number): void {
    this.total = total;
    this.startedMs = performance.now();
    const draw = (): void => this.draw();
    this.timer = setInterval(draw, this.terminal.isTTY ? REDRAW_MS : LINE_EVERY_MS);
  }

  count(outcome: Outcome['type']): void {
    this.counts[outcome] += 1;
  }

  stop(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.draw();
    if (this.terminal.isTTY) this.terminal.write('\n');
  }

  private draw(): void {
    this.terminal.write(
      this.terminal.isTTY ? `${CLEAR_LINE}${this.bar()} ${this.line()}` : `${this.line()}\n`,
    );
  }

  private get done(): number {
    return this.counts.ok + this.counts.fail + this.counts.unknown;
  }

  private bar(): string {
    const filled = Math.round((BAR_WIDTH * this.done) / Math.max(this.total, 1));
    return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}]`;
  }

  private line(): string {
    const seconds = (performance.now() - this.startedMs) / 1000;
    const { fail, unknown } = this.counts;
    return [
      `${this.done} of ${this.total} lines`,
      `${Math.round(this.done / seconds)} a second`,
      ...(fail > 0 ? [`${fail} refused`] : []),
      ...(unknown > 0 ? [`${unknown} given up`] : []),
    ].join(', ');
  }
}
