import { type Kysely, sql } from 'kysely';

/** When each user was last online. In no index, so that a write of it stays on its page where there is room. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`alter table users add column last_seen_at timestamptz(3)`.execute(database);
}
