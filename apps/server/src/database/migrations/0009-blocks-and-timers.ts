import { type Kysely, sql } from 'kysely';

/** Who blocks whom (BLOCK-1), and messages that live for a time (MSG-7). */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table blocks (
      blocker_id uuid not null,
      blocked_id uuid not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (blocker_id, blocked_id)
    )`.execute(database);
  await sql`create index blocks_blocked on blocks (blocked_id, blocker_id)`.execute(database);
  await sql`create index blocks_newest on blocks (blocker_id, created_at, blocked_id)`.execute(
    database,
  );

  // A direct chat holds which of its two blocks the other, so that a send asks nothing but the row that it locks.
  await sql`
    alter table chats
      add column low_blocks boolean not null default false,
      add column high_blocks boolean not null default false,
      add column message_ttl_ms bigint`.execute(database);

  // What others see of a member's marks while a block holds between the two, and until the mark moves after it.
  await sql`
    alter table marks
      add column shown_delivered_seq bigint,
      add column shown_seen_seq bigint,
      add column shown_at timestamptz(3),
      add column shown_xid xid8`.execute(database);

  // Of deleted chats, whether nothing is left to purge.
  await sql`alter table chats add column purged boolean not null default false`.execute(database);
  await sql`create index chats_to_purge on chats (id) where deleted_at is not null and not purged`.execute(
    database,
  );

  // Hidden because its sender was blocked: to him it was never delivered.
  await sql`alter table hidden add column silenced boolean not null default false`.execute(
    database,
  );

  await sql`
    alter table messages
      add column expires_at timestamptz(3),
      add column purged boolean not null default false`.execute(database);
  await sql`create index messages_timed on messages (chat_id, seq) where expires_at is not null`.execute(
    database,
  );
  await sql`
    create index messages_to_purge on messages (expires_at) where expires_at is not null and not purged`.execute(
    database,
  );
}
