import { type Kysely, sql } from 'kysely';

/**
 * What users tell of themselves, what others may see of them, and accounts that were deleted. The indexes of names are
 * in the order of code points, so that they serve both the search for a beginning and the order of the pages, whatever
 * the locale of the database.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    alter table users
      add column about text,
      add column presence_privacy text not null default 'contacts' check (presence_privacy in ('contacts', 'nobody')),
      add column seen_privacy boolean not null default true,
      add column group_privacy text not null default 'all' check (group_privacy in ('all', 'contacts')),
      add column deleted_at timestamptz(3),
      add column departs boolean not null default false`.execute(database);

  // Deleted accounts are called by a part of their id, which two of them may share.
  await sql`drop index users_username`.execute(database);
  await sql`create unique index users_username on users (lower(username)) where deleted_at is null`.execute(
    database,
  );
  await sql`
    create index users_by_username on users ((lower(username) collate "C"), id) where deleted_at is null`.execute(
    database,
  );
  await sql`
    create index users_by_display_name on users ((lower(display_name) collate "C")) where deleted_at is null`.execute(
    database,
  );
  await sql`create index users_departing on users (id) where departs`.execute(database);

  await sql`
    create table retired_usernames (
      digest bytea primary key
    )`.execute(database);
}
