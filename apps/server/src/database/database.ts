import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Kysely, type KyselyConfig, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { discardingPool } from './discarding-pool.js';
import type { Tables } from './schema.js';

/** A database, or a transaction in one: what a repository needs to run its queries. */
export type Queries = Kysely<Tables>;

/** Chats that other transactions hold are waited for on connections of their own, so that they stall no lane. */
export const HELD_LANES = 4;

function onPool(pool: pg.Pool, queryMs: number): KyselyConfig {
  return { dialect: new PostgresDialect({ pool: discardingPool(pool, queryMs) }) };
}

/** The node's connections. Repositories query it; only the append of messages uses `writers`. */
@Injectable()
export class Database extends Kysely<Tables> implements OnApplicationShutdown {
  /** On connections of its own, so that no read ever waits behind a batch of messages or the reverse. */
  readonly writers: Queries;

  constructor(
    /** For everything but the appends of messages. */
    readonly pool: pg.Pool,
    /** The connections of `writers`. */
    readonly writerPool: pg.Pool,
    /** For how long an answer is awaited; 0 stands for ever. */
    queryMs: number,
    private readonly afterClose: () => Promise<void> = () => Promise.resolve(),
  ) {
    super(onPool(pool, queryMs));
    this.writers = new Kysely(onPool(writerPool, queryMs));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.destroy();
    await this.writers.destroy();
    await this.afterClose();
  }
}

const INT8 = 20;
const INT8_ARRAY = 1016;
const TIMESTAMPTZ = 1184;

/** Reads times, of which the rows of a batch have the same one: reading a row's takes as long as the rest of the row. */
function timeParser(): (literal: string) => unknown {
  const parse: (literal: string) => unknown = pg.types.getTypeParser(TIMESTAMPTZ);
  let last: { readonly literal: string; readonly time: number } | undefined;
  return (literal) => {
    if (literal === last?.literal) return new Date(last.time);
    const value = parse(literal);
    if (value instanceof Date) last = { literal, time: value.getTime() };
    return value;
  };
}

function typeParsers(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  // Every bigint of ours counts something that stays far below 2^53.
  types.setTypeParser(INT8, Number);
  types.setTypeParser(TIMESTAMPTZ, timeParser());
  types.setTypeParser(INT8_ARRAY, (literal) =>
    literal.slice(1, -1).split(',').filter(Boolean).map(Number),
  );
  return types;
}

/**
 * A pool that outlives the loss of its connections: idle ones that break are dropped and logged.
 *
 * @param connectionMs How long a connection is awaited.
 */
export function createPool(
  connection: pg.PoolConfig,
  size: number,
  logger: Logger,
  connectionMs: number,
): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max: size,
    connectionTimeoutMillis: connectionMs,
    keepAlive: true,
    application_name: 'natter',
    types: typeParsers(),
  });
  const report = (error: Error): void => {
    // The last word of the embedded database, which is stopped right after its connections are told to end.
    if (pool.ending) return;
    logger.warn({ error: error.message }, 'a database connection was lost');
  };
  // The pool listens to idle connections alone; one that breaks between two statements of a transaction would
  // otherwise end the process.
  pool.on('connect', (client) => client.on('error', report));
  pool.on('error', () => undefined);
  return pool;
}
