import type { Capacity } from '../config/config.js';

/** What a connection of Engine.IO tells of what is written to it. */
export interface WrittenConnection {
  readonly transport: { readonly writable: boolean };
  on(event: 'packetCreate', listener: (packet: { data?: unknown }) => void): unknown;
  on(event: 'flush', listener: () => void): unknown;
}

/** Packets that wait together. */
interface Portion {
  bytes: number;
  largest: number;
  /** When its first packet was written, on the monotonic clock; absent where it is empty. */
  since?: number;
}

export type BacklogLimits = Pick<Capacity, 'backlogBytes' | 'backlogMs'>;

/** What comes in one burst, as a large batch of messages does, is given this long to leave. */
export const BURST_MS = 1000;

/**
 * What was written to one connection and has not left this process: what waits for the transport, and what the transport
 * was given and is not done with. Above the limit the connection is behind for good: its client reads too slowly, and
 * is better off with what `sync` brings it than with a growing queue.
 */
export class Backlog {
  private waiting: Portion = { bytes: 0, largest: 0 };
  private leaving: Portion = { bytes: 0, largest: 0 };

  /** @param exceeded Called for each packet that comes while more waits than may. */
  constructor(
    private readonly connection: WrittenConnection,
    private readonly limits: BacklogLimits,
    private readonly exceeded: () => void,
  ) {
    connection.on('packetCreate', ({ data }) => this.add(data));
    connection.on('flush', () => {
      this.leaving = this.waiting;
      this.waiting = { bytes: 0, largest: 0 };
    });
  }

  /**
   * Bytes that wait behind the largest packet among them: a single one, such as a page of a sync, may be larger than the
   * limit, and does not make its reader a slow one.
   */
  get bytes(): number {
    if (this.connection.transport.writable) return 0;
    const { waiting, leaving } = this;
    return waiting.bytes + leaving.bytes - Math.max(waiting.largest, leaving.largest);
  }

  /** How long the oldest of it has waited at `now`, in milliseconds of the monotonic clock. */
  ageMs(now: number): number {
    if (this.connection.transport.writable) return 0;
    return now - (this.leaving.since ?? this.waiting.since ?? now);
  }

  /** Whether more waits at `now` than may, or longer. */
  isOver(now: number): boolean {
    const ageMs = this.ageMs(now);
    return (
      (ageMs > BURST_MS && this.bytes > this.limits.backlogBytes) || ageMs > this.limits.backlogMs
    );
  }

  private add(content: unknown): void {
    const size = typeof content === 'string' ? Buffer.byteLength(content) : 0;
    const { waiting } = this;
    const now = performance.now();
    waiting.since ??= now;
    waiting.bytes += size;
    waiting.largest = Math.max(waiting.largest, size);
    if (this.isOver(now)) this.exceeded();
  }
}
