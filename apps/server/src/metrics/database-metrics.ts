import { Injectable, type OnModuleInit } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import { Metrics } from './metrics.js';

/** What is measured of the database of this node. */
@Injectable()
export class DatabaseMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    const { pool, writerPool } = this.database;
    for (const [name, { pool: connections, help }] of Object.entries({
      database_connections: { pool, help: 'Connections for everything but appends of messages.' },
      writer_connections: { pool: writerPool, help: 'Connections that append messages.' },
    })) {
      this.metrics.watchEach(name, help, 'state', () => [
        ['open', connections.totalCount],
        ['idle', connections.idleCount],
        ['awaited', connections.waitingCount],
      ]);
    }
    this.metrics.watch(
      'database_oldest_transaction_seconds',
      'The age of the oldest open transaction of the database: as long as it is open, syncs repeat what came since.',
      () => this.oldestTransaction(),
    );
  }

  private async oldestTransaction(): Promise<number> {
    const { rows } = await sql<{ age: number }>`
      select coalesce(extract(epoch from max(clock_timestamp() - xact_start)), 0)::float8 as age
      from pg_stat_activity where datname = current_database() and backend_xmin is not null`.execute(
      this.database,
    );
    return rows[0]?.age ?? 0;
  }
}
