/** How a feed reads what it missed, and where it brings its items. */
export interface FeedSource<T> {
  seqOf(item: T): number;
  /** Stored items above `seq`, ascending; empty where there are none. */
  readAfter(seq: number): Promise<readonly T[]>;
  emit(item: T): void;
}

/** How long a missing number is awaited before it is read from the database. */
const GAP_WAIT_MS = 50;
const RETRY_MS = 1000;
/** Items held while a number is missing; beyond it they are dropped and read from the database instead. */
const HELD_LIMIT = 1000;

/**
 * Brings the items of one stream in order, each once, whatever order they come in: an item that came before is
 * dropped, a number that is missing for 50 ms is read from the database.
 */
export class OrderedFeed<T> {
  private readonly held = new Map<number, T>();
  /** The highest number known to exist. */
  private highest = 0;
  private timer: NodeJS.Timeout | undefined;
  private filling = false;
  private closed = false;

  /** @param position The last number that needs not be brought. */
  constructor(
    private readonly source: FeedSource<T>,
    private position: number,
  ) {}

  /** The last number that was brought. */
  get last(): number {
    return this.position;
  }

  offer(item: T): void {
    const seq = this.source.seqOf(item);
    if (this.closed || seq <= this.position) return;
    // Almost every item: a map that is filled and emptied again each time makes tables that V8 frees only with the whole heap.
    if (seq === this.position + 1) this.bring(item);
    else if (this.held.size < HELD_LIMIT) this.held.set(seq, item);
    this.expect(seq);
  }

  /** Tells that the stream has got this far: what is missing up to there will be brought. */
  expect(seq: number): void {
    this.highest = Math.max(this.highest, seq);
    this.advance();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.held.clear();
  }

  private advance(): void {
    if (this.closed) return;
    this.bringInOrder();
    if (this.position >= this.highest) {
      clearTimeout(this.timer);
      this.timer = undefined;
    } else if (this.timer === undefined && !this.filling) {
      this.waitThenFill(GAP_WAIT_MS);
    }
  }

  private bringInOrder(): void {
    for (
      let item = this.take(this.position + 1);
      item !== undefined;
      item = this.take(this.position + 1)
    ) {
      this.bring(item);
    }
  }

  private bring(item: T): void {
    this.position += 1;
    this.source.emit(item);
  }

  private take(seq: number): T | undefined {
    if (this.held.size === 0) return undefined;
    const item = this.held.get(seq);
    this.held.delete(seq);
    return item;
  }

  private waitThenFill(milliseconds: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.fill();
    }, milliseconds);
  }

  private async fill(): Promise<void> {
    if (this.closed) return;
    const before = this.position;
    this.filling = true;
    let items: readonly T[] = [];
    try {
      items = await this.source.readAfter(this.position);
    } catch {
      // The database is away. It is asked again below, and what it said is in the log of its own connections.
    }
    this.filling = false;
    for (const item of items) this.offerRead(item);
    this.bringInOrder();
    // What is not there now may come when the database is back, or never: a purged chat is soon left by everybody.
    if (this.isBehind()) this.waitThenFill(this.position > before ? GAP_WAIT_MS : RETRY_MS);
  }

  private offerRead(item: T): void {
    const seq = this.source.seqOf(item);
    if (seq > this.position) this.held.set(seq, item);
  }

  private isBehind(): boolean {
    return !this.closed && this.position < this.highest;
  }
}
