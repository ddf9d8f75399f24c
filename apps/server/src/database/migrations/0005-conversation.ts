import { type Kysely, sql } from 'kysely';

/**
 * What happens to messages once they are sent. Entries of a chat's stream that are no messages stand in `changes`, so
 * that a send writes no more than before; the log is both tables by `seq`.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  // `encrypted` is JSON text and never looked into: `jsonb` would order and normalize what it must carry unchanged.
  await sql`
    alter table messages
      add column encrypted text,
      add column reply_to_id uuid,
      add column reply_to_seq bigint,
      add column forwarded boolean not null default false,
      add column edited_at timestamptz(3),
      add column deleted_at timestamptz(3),
      add column pinned_at timestamptz(3)`.execute(database);
  await sql`create index messages_deleted on messages (chat_id, seq) where deleted_at is not null`.execute(
    database,
  );
  await sql`create index messages_pinned on messages (chat_id, pinned_at, seq) where pinned_at is not null`.execute(
    database,
  );

  await sql`
    create table changes (
      chat_id uuid not null,
      seq bigint not null,
      event text not null,
      message_id uuid not null,
      message_seq bigint not null,
      user_id uuid not null,
      details jsonb,
      created_at timestamptz(3) not null,
      xid xid8 not null default pg_current_xact_id(),
      primary key (chat_id, seq)
    )`.execute(database);
  await sql`create index changes_xid on changes (chat_id, xid)`.execute(database);

  await sql`
    create table reactions (
      chat_id uuid not null,
      seq bigint not null,
      emoji text not null,
      user_id uuid not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (chat_id, seq, emoji, user_id)
    )`.execute(database);

  await sql`
    create table hidden (
      user_id uuid not null,
      chat_id uuid not null,
      seq bigint not null,
      primary key (user_id, chat_id, seq)
    )`.execute(database);
  await sql`create index hidden_message on hidden (chat_id, seq)`.execute(database);

  await sql`
    create table stars (
      user_id uuid not null,
      chat_id uuid not null,
      seq bigint not null,
      starred_at timestamptz(3) not null default clock_timestamp(),
      primary key (user_id, chat_id, seq)
    )`.execute(database);
  await sql`create index stars_newest on stars (user_id, starred_at, chat_id, seq)`.execute(
    database,
  );
  await sql`create index stars_message on stars (chat_id, seq)`.execute(database);

  // That a chat is marked unread ends when the seen mark moves on: it holds for the mark at which it was set.
  await sql`
    alter table preferences
      add column draft_text text,
      add column draft_reply_to_id uuid,
      add column cleared_seq bigint not null default 0,
      add column cleared_ordinal bigint not null default 0,
      add column marked_unread_at_seq bigint`.execute(database);
  await sql`
    update preferences p set marked_unread_at_seq = k.seen_seq
    from marks k where k.chat_id = p.chat_id and k.user_id = p.user_id and p.marked_unread`.execute(
    database,
  );
  await sql`alter table preferences drop column marked_unread`.execute(database);

  // The members from whom a message is hidden: each deleted it for himself, or cleared the chat up to it.
  await sql`
    create function hidden_from(p_chat_id uuid, p_seq bigint) returns uuid[]
    language sql stable
    as $$
      select array_agg(o.user_id) from (
        select h.user_id from hidden h
        join members m on m.chat_id = h.chat_id and m.user_id = h.user_id
        where h.chat_id = p_chat_id and h.seq = p_seq
        union
        select p.user_id from preferences p where p.chat_id = p_chat_id and p.cleared_seq >= p_seq
      ) o
    $$`.execute(database);

  // No index on the position: it changes with every send, and each of them would write to all indexes of the table.
  await sql`
    alter table marks
      add column delivered_at timestamptz(3),
      add column seen_at timestamptz(3),
      add column xid xid8 not null default '0'`.execute(database);
  await sql`
    create table mark_history (
      chat_id uuid not null,
      user_id uuid not null,
      seq bigint not null,
      status text not null check (status in ('delivered', 'seen')),
      at timestamptz(3) not null
    )`.execute(database);
  await sql`create index mark_history_seq on mark_history (chat_id, user_id, status, seq)`.execute(
    database,
  );
  await sql`create index mark_history_at on mark_history (at)`.execute(database);

  await sql`create index user_events_created_at on user_events (created_at)`.execute(database);
}
