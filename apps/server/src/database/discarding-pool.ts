import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import {
  isFailedTransaction,
  isForeignName,
  isLostConnection,
  isOutdatedPlan,
} from '../errors/translate.js';
import { PreparedStatements } from './prepared-statements.js';

/** A connection of the driver, which can also run a statement that it prepares under a name. */
interface PreparingClient extends PostgresPoolClient {
  query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(statement: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<PostgresQueryResult<R>>;
}

/**
 * One connection as Kysely uses it. Where a query shows that the connection is of no use any more, because the server behind
 * it does not answer or is no primary now, it is closed instead of going back to the others, where it would hold up
 * every query that comes to it for as long as TCP is patient.
 */
class DiscardingClient implements PostgresPoolClient {
  private lost: unknown;
  private isOutdated = false;

  constructor(
    private readonly client: PreparingClient,
    private readonly statements: PreparedStatements,
  ) {}

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
    const name = this.statements.nameOf(text);
    try {
      if (name === undefined) return await this.client.query<R>(text, values);
      return await this.runPrepared<R>(name, text, values);
    } catch (error) {
      if (isLostConnection(error)) this.lost = error;
      throw error;
    }
  }

  private async runPrepared<R>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> {
    try {
      return await this.client.query<R>({ name, text, values: [...values] });
    } catch (error) {
      if (isForeignName(error)) this.statements.turnOff();
      else if (isOutdatedPlan(error)) this.isOutdated = true;
      else throw error;
      // Within a transaction it is too late; whoever began it is told to try again.
      return await this.client.query<R>(text, values).catch((again: unknown) => {
        throw isFailedTransaction(again) ? error : again;
      });
    }
  }

  release(destroy = false): void {
    this.client.release(destroy || this.isOutdated || this.lost !== undefined);
  }
}

/** The pool as Kysely uses it. */
export function discardingPool(pool: pg.Pool): PostgresPool {
  const statements = new PreparedStatements();
  // Kysely remembers each client that it was ever given; a new one for each query would be kept until V8 looks through
  // the whole heap, and what hangs on it as well.
  const clients = new WeakMap<pg.PoolClient, DiscardingClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const connection = await pool.connect();
      const known = clients.get(connection);
      if (known) return known;
      const client = new DiscardingClient(connection, statements);
      clients.set(connection, client);
      return client;
    },
  };
}
