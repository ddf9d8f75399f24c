import type { ChatId, UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { sql } from 'kysely';
import { Sweep } from '../background/sweep.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database } from '../database/database.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Relay } from '../relay/relay.js';
import { Metrics } from '../metrics/metrics.js';
import type { Heads } from './commit.js';

const INTERVAL_MS = 2000;
/** While nothing comes from other nodes at once. */
const UNWELL_INTERVAL_MS = 250;
const CLEANUP_INTERVAL_MS = 60_000;
const RETENTION_MINUTES = 10;
/** A node that did not read for this long may have missed rows that are cleaned up by now. */
const INTERRUPTION_MS = (RETENTION_MINUTES - 1) * 60_000;

/** Either the position, or the head of a chat's or of a user's stream. */
interface TailRow {
  position: string | null;
  /** With the position, the time. */
  now: Date | null;
  chat_id: ChatId | null;
  user_id: UserId | null;
  seq: number;
}

export interface TailListener {
  /** Streams that got this far since the last reading; most of it is known already. */
  advanced(heads: Heads): void;
  /** The tail cannot say what was missed: everything has to be looked up. */
  interrupted(): void;
}

/** Reads the rows that every append commits, so that what the bus lost, also with a node that died, is seen here. */
@Injectable()
export class Tail implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly listeners: TailListener[] = [];
  /** The oldest transaction that may still commit below what was read: a position by id, never by clock. */
  private position = '0';
  private readAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private readonly cleanup: Sweep;
  private stopped = false;

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly relay: Relay,
    metrics: Metrics,
    private readonly clock: DatabaseClock,
  ) {
    const help = 'How long ago what other nodes committed was last read.';
    metrics.watch('tail_age_seconds', help, () => (performance.now() - this.readAt) / 1000);
    const failure = 'unable to clean up old commits; trying again';
    this.cleanup = new Sweep(logger, failure, () => this.forgetOld());
  }

  subscribe(listener: TailListener): void {
    this.listeners.push(listener);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { rows } = await sql<{ position: string }>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as position`.execute(this.database);
    this.position = rows[0]?.position ?? '0';
    this.readAt = performance.now();
    this.schedule();
    this.cleanup.start(CLEANUP_INTERVAL_MS, 'later');
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.cleanup.stop();
  }

  private schedule(): void {
    if (this.stopped) return;
    const intervalMs = this.relay.isHealthy ? INTERVAL_MS : UNWELL_INTERVAL_MS;
    this.timer = setTimeout(() => void this.poll(), intervalMs);
  }

  private async poll(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      this.logger.warn({ error }, 'unable to read the commits; trying again');
    } finally {
      this.schedule();
    }
  }

  private async read(): Promise<void> {
    const startedAt = performance.now();
    const { rows } = await sql<TailRow>`
      with recent as materialized (
        select chat_ids, chat_seqs, user_ids, user_seqs from commits where xid >= ${this.position}::xid8
      )
      select
        pg_snapshot_xmin(pg_current_snapshot())::text as position, clock_timestamp() as now,
        null::uuid as chat_id, null::uuid as user_id, 0::bigint as seq
      union all
      select null, null, c.id, null, max(c.seq) from recent, unnest(chat_ids, chat_seqs) as c (id, seq) group by c.id
      union all
      select null, null, null, u.id, max(u.seq) from recent, unnest(user_ids, user_seqs) as u (id, seq) group by u.id
      `.execute(this.database);
    const chats = new Map<ChatId, number>();
    const users = new Map<UserId, number>();
    for (const { position, now, chat_id: chatId, user_id: userId, seq } of rows) {
      if (now !== null) this.clock.set(now);
      if (position !== null) this.position = position;
      if (chatId !== null) chats.set(chatId, seq);
      if (userId !== null) users.set(userId, seq);
    }
    const interrupted = startedAt - this.readAt > INTERRUPTION_MS;
    this.readAt = startedAt;
    for (const listener of this.listeners) {
      if (interrupted) listener.interrupted();
      else if (chats.size + users.size > 0) listener.advanced({ chats, users });
    }
  }

  private async forgetOld(): Promise<void> {
    await sql`delete from commits where created_at < now() - make_interval(mins => ${RETENTION_MINUTES})`.execute(
      this.database,
    );
  }
}
