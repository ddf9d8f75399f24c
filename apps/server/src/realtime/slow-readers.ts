import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.js';
import { Backlog, type BacklogLimits } from './backlog.js';
import { cutConnection } from './cut-connection.js';
import type { NatterSocket } from './natter-socket.js';

type Connection = NatterSocket['conn'];

const SWEEP_INTERVAL_MS = 1000;

/**
 * Cuts connections that read too slowly, authenticated or not, so that each costs a bounded memory and none slows down
 * the others. Their clients connect again and sync.
 */
export class SlowReaders {
  private readonly backlogs = new Map<Connection, Backlog>();
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: BacklogLimits,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  start(): void {
    this.sweep = setInterval(() => this.cutOld(), SWEEP_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.sweep);
  }

  /** Watches a connection from its first packet to its end. */
  watch(connection: Connection): void {
    const backlog = new Backlog(connection, this.limits, () => this.cut(connection, backlog));
    this.backlogs.set(connection, backlog);
    connection.on('close', () => this.backlogs.delete(connection));
  }

  private cutOld(): void {
    const now = performance.now();
    for (const [connection, backlog] of this.backlogs) {
      if (backlog.isOver(now)) this.cut(connection, backlog);
    }
  }

  private cut(connection: Connection, backlog: Backlog): void {
    // Only once, and not from within the writing that has brought it over its limit.
    if (!this.backlogs.delete(connection)) return;
    this.metrics.backlogCut();
    const { bytes } = backlog;
    const ageMs = Math.round(backlog.ageMs(performance.now()));
    this.logger.info({ bytes, ageMs }, 'a connection is cut; its client reads too slowly');
    setImmediate(() => cutConnection(connection));
  }
}
