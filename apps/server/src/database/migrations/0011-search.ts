import { type Kysely, sql } from 'kysely';

/**
 * What messages are found by. A chat's stream is cut into segments, and every token begins with its segment's id: the
 * index has a posting list for each token of each segment, so a search reads none of other chats, and can go through
 * the segments from the newest to the oldest and stop.
 *
 * The index has no list of pending entries: every search would read through those that other chats left in it.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table search_segments (
      id bigint generated always as identity primary key,
      chat_id uuid not null,
      segment integer not null,
      oldest_at timestamptz(3) not null,
      newest_at timestamptz(3) not null,
      unique (chat_id, segment)
    ) with (fillfactor = 80)`.execute(database);
  await sql`
    create table search_tokens (
      chat_id uuid not null,
      seq bigint not null,
      sender_id uuid not null,
      kind text not null,
      created_at timestamptz(3) not null,
      edited_at timestamptz(3),
      tokens tsvector not null,
      primary key (chat_id, seq)
    )`.execute(database);
  await sql`create index search_tokens_tokens on search_tokens using gin (tokens) with (fastupdate = off)`.execute(
    database,
  );

  await sql`
    create table search_positions (
      chat_id uuid primary key,
      indexed_seq bigint not null default 0,
      tokens_version integer not null,
      reindexed_seq bigint not null default 0
    ) with (fillfactor = 80)`.execute(database);
  await sql`create index search_positions_version on search_positions (tokens_version, chat_id)`.execute(
    database,
  );
}
