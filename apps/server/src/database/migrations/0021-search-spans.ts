import { type Kysely, sql } from 'kysely';

/**
 * A row of the search's index is of a span of messages: of those from `seq` up to `last_seq` that have tokens, sent from
 * `created_at` to `newest_at`. Rows that are there are of one message each, and stay: the constants stand for its own `seq`
 * and time. To add them costs nothing, however large the table is.
 *
 * Nodes of an older version would leave in a span what is deleted from it, and so they must not index: they do not know
 * `index_version`. What they hear of is indexed by nodes of this version. They go on searching until they are stopped, and
 * find of a span what its first message says, or nothing where they look for a sender or a kind. Only they have `sender_id`,
 * `kind` and `edited_at`.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    alter table search_tokens
      add column last_seq bigint not null default 0,
      add column newest_at timestamptz(3) not null default '-infinity',
      alter column sender_id drop not null,
      alter column kind drop not null`.execute(database);
  await sql`
    alter table search_tokens
      alter column last_seq drop default,
      alter column newest_at drop default`.execute(database);
  await sql`alter table search_positions rename column tokens_version to index_version`.execute(
    database,
  );
}
