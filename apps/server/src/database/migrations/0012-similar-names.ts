import { type Kysely, sql } from 'kysely';

/** Names by their trigrams, which is how a name with a typing error is found. */
export async function up(database: Kysely<unknown>): Promise<void> {
  try {
    await sql`create extension if not exists pg_trgm`.execute(database);
  } catch (error) {
    throw new Error(
      'Unable to create the PostgreSQL extension pg_trgm, which the search for similar names needs; ' +
        "let an administrator run 'create extension pg_trgm' in this database, and start again",
      { cause: error },
    );
  }
  await sql`
    create index users_by_similar_username on users using gin (lower(username) gin_trgm_ops)
    where deleted_at is null`.execute(database);
  await sql`
    create index users_by_similar_display_name on users using gin (lower(display_name) gin_trgm_ops)
    where deleted_at is null`.execute(database);
}
