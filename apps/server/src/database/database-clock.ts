import { sql } from 'kysely';
import type { Queries } from './database.js';

/**
 * The time by the database's clock, which all nodes share: what one of them dates or signs the others judge. Between two
 * readings it goes on by a clock of this process that nobody sets.
 */
export class DatabaseClock {
  private offsetMs = 0;

  /** @param time What the database has just said. */
  constructor(time: Date) {
    this.set(time);
  }

  /** Milliseconds since 1970. It may go back by as much as the last reading was late. */
  now(): number {
    return Math.round(performance.now() + this.offsetMs);
  }

  /** @param time What the database has just said. */
  set(time: Date): void {
    this.offsetMs = time.getTime() - performance.now();
  }
}

export async function readDatabaseClock(database: Queries): Promise<DatabaseClock> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database);
  const [row] = rows;
  if (!row) throw new Error('Unable to read the clock of the database');
  return new DatabaseClock(row.now);
}
