import { pageLimits } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { sql } from 'kysely';
import { Sweep } from '../background/sweep.js';
import { Database } from '../database/database.js';
import { LOGGER, type Logger } from '../logging/logger.js';

const INTERVAL_MS = 60 * 60_000;
const BATCH = 5000;

/** A run of pages may take as long as its cursor holds, and the cursor at its end holds once more from where it began. */
const KEPT_MS = 2 * pageLimits.syncAgeMs;
/** A sync that is further behind starts over (SYNC-1); some to spare for what is appended while it reads. */
const KEPT_EVENTS = pageLimits.syncEntries + 1000;

/**
 * Deletes the events of users' own streams that no sync can ask for any more, so that a draft typed for years fills no
 * disk (T84). The numbers stay: a stream goes on at its head.
 *
 * Feeds read only what was committed since their sockets came. A run of pages of the chat list that takes longer than
 * events are kept may show a chat twice that was unpinned in its beginning.
 */
@Injectable()
export class UserEventsRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly cleaning: Sweep;

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) logger: Logger,
  ) {
    const failure = 'unable to clean up old user events; trying again';
    this.cleaning = new Sweep(logger, failure, () => this.sweep());
  }

  onApplicationBootstrap(): void {
    this.cleaning.start(INTERVAL_MS, 'later');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.cleaning.stop();
  }

  /** Deletes batch by batch until nothing is left to delete; resolves with how many events that were. */
  async sweep(): Promise<number> {
    return (await this.delete(this.old)) + (await this.delete(this.surplus));
  }

  private delete(rows: typeof this.old): Promise<number> {
    return this.cleaning.inBatches(BATCH, async () => {
      const { numAffectedRows } = await sql`
        delete from user_events where ctid = any (array(${rows}))`.execute(this.database);
      return Number(numAffectedRows ?? 0);
    });
  }

  private readonly old = sql`
    select ctid from user_events
    where created_at < now() - make_interval(secs => ${KEPT_MS / 1000}) limit ${BATCH}`;

  private readonly surplus = sql`
    select e.ctid from user_streams s
    join user_events e on e.user_id = s.user_id and e.user_seq <= s.last_seq - ${KEPT_EVENTS}
    where s.last_seq > ${KEPT_EVENTS}
    limit ${BATCH}`;
}
