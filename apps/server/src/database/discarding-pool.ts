import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { isLostConnection } from '../errors/translate.js';

/**
 * One connection as Kysely uses it. Where a query shows that the connection is of no use any more, because the server behind
 * it does not answer or is no primary now, it is closed instead of going back to the others, where it would hold up
 * every query that comes to it for as long as TCP is patient.
 */
class DiscardingClient implements PostgresPoolClient {
  private lost: unknown;

  constructor(private readonly client: PostgresPoolClient) {}

  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    text: string | PostgresCursor<R>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    return typeof text === 'string' ? this.run(text, values) : this.client.query(text);
  }

  private async run<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // What follows in the same transaction, such as its rollback, would only wait as long once more.
    if (this.lost !== undefined) throw this.lost;
    try {
      return await this.client.query<R>(text, values);
    } catch (error) {
      if (isLostConnection(error)) this.lost = error;
      throw error;
    }
  }

  release(destroy = false): void {
    this.client.release(destroy || this.lost !== undefined);
  }
}

/** The pool as Kysely uses it. */
export function discardingPool(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => new DiscardingClient(await pool.connect()),
  };
}
