import { type Kysely, sql } from 'kysely';

/**
 * What members set for themselves. Few of them ever do, so it is no part of `members` and `marks`, which every send
 * reads; who has set nothing has no row.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table preferences (
      chat_id uuid not null,
      user_id uuid not null,
      muted_until timestamptz(3),
      pinned_at timestamptz(3),
      archived_at timestamptz(3),
      marked_unread boolean not null default false,
      primary key (chat_id, user_id)
    )`.execute(database);
  // Not by activity: a column of any index, partial or not, that changes with every send makes each of them write to
  // all indexes of the chats.
  await sql`create index chats_public on chats (id) where visibility = 'public'`.execute(database);
}
