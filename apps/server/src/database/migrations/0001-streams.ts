import { type Kysely, sql } from 'kysely';

/**
 * The tables of accounts, chats and their streams. Messages, marks and user events have no foreign keys: their chat
 * and user are checked under the row locks of the append, and a key check would lock the chat row once more per send.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table installation (
      singleton boolean primary key default true check (singleton),
      epoch uuid not null default gen_random_uuid(),
      secret bytea not null
    )`.execute(database);
  await sql`
    insert into installation (secret)
    select decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')`.execute(
    database,
  );

  await sql`
    create table users (
      id uuid primary key,
      username text not null,
      display_name text not null,
      password_hash text not null,
      created_at timestamptz(3) not null default now()
    )`.execute(database);
  await sql`create unique index users_username on users (lower(username))`.execute(database);

  await sql`
    create table devices (
      id uuid primary key,
      user_id uuid not null references users (id),
      name text not null,
      platform text,
      generation integer not null default 1,
      refresh_nonce bytea not null,
      refresh_counter integer not null default 0,
      refresh_confirmed boolean not null default true,
      created_at timestamptz(3) not null default now(),
      last_seen_at timestamptz(3) not null default now(),
      revoked_at timestamptz(3)
    )`.execute(database);
  await sql`create index devices_user on devices (user_id)`.execute(database);

  await sql`
    create table chats (
      id uuid primary key,
      type text not null check (type in ('direct', 'group')),
      title text,
      description text,
      visibility text not null default 'private' check (visibility in ('private', 'public')),
      send_setting text not null default 'all' check (send_setting in ('all', 'admins')),
      add_members_setting text not null default 'admins' check (add_members_setting in ('all', 'admins')),
      edit_info_setting text not null default 'admins' check (edit_info_setting in ('all', 'admins')),
      created_by uuid not null,
      client_chat_id uuid,
      invite_hash bytea,
      deleted_at timestamptz(3),
      direct_low uuid,
      direct_high uuid,
      created_at timestamptz(3) not null default now(),
      last_activity_at timestamptz(3) not null default now(),
      last_seq bigint not null default 0,
      last_ordinal bigint not null default 0,
      member_count integer not null,
      check ((type = 'direct') = (direct_low is not null and direct_high is not null))
    ) with (fillfactor = 80)`.execute(database);
  await sql`create unique index chats_direct on chats (direct_low, direct_high) where type = 'direct'`.execute(
    database,
  );
  await sql`
    create unique index chats_client_id on chats (created_by, client_chat_id) where client_chat_id is not null`.execute(
    database,
  );

  await sql`create unique index chats_invite on chats (invite_hash) where invite_hash is not null`.execute(
    database,
  );

  await sql`
    create table members (
      chat_id uuid not null,
      user_id uuid not null,
      role text not null check (role in ('owner', 'admin', 'member')),
      joined_at timestamptz(3) not null default now(),
      joined_seq bigint not null,
      primary key (chat_id, user_id)
    )`.execute(database);
  await sql`create unique index members_user on members (user_id, chat_id)`.execute(database);
  await sql`create index members_joined on members (chat_id, joined_seq, user_id)`.execute(
    database,
  );

  await sql`
    create table marks (
      chat_id uuid not null,
      user_id uuid not null,
      delivered_seq bigint not null default 0,
      seen_seq bigint not null default 0,
      seen_ordinal bigint not null default 0,
      primary key (chat_id, user_id)
    ) with (fillfactor = 70)`.execute(database);

  await sql`
    create table messages (
      chat_id uuid not null,
      seq bigint not null,
      ordinal bigint not null,
      id uuid not null,
      kind text not null,
      sender_id uuid not null,
      sender_device_id uuid,
      client_message_id uuid,
      fingerprint bytea,
      text text,
      mentions uuid[],
      system jsonb,
      created_at timestamptz(3) not null,
      xid xid8 not null default pg_current_xact_id(),
      primary key (chat_id, seq)
    )`.execute(database);
  await sql`create unique index messages_id on messages (id)`.execute(database);
  await sql`
    create unique index messages_client_id on messages (chat_id, sender_id, client_message_id)
    where client_message_id is not null`.execute(database);
  await sql`create index messages_xid on messages (chat_id, xid)`.execute(database);

  await sql`
    create table user_streams (
      user_id uuid primary key,
      last_seq bigint not null default 0
    ) with (fillfactor = 80)`.execute(database);

  await sql`
    create table user_events (
      user_id uuid not null,
      user_seq bigint not null,
      event text not null,
      chat_id uuid,
      details jsonb,
      created_at timestamptz(3) not null,
      primary key (user_id, user_seq)
    )`.execute(database);

  await sql`
    create table commits (
      xid xid8 not null default pg_current_xact_id(),
      chat_ids uuid[] not null default '{}',
      chat_seqs bigint[] not null default '{}',
      user_ids uuid[] not null default '{}',
      user_seqs bigint[] not null default '{}',
      created_at timestamptz not null default now()
    )`.execute(database);
  await sql`create index commits_xid on commits (xid)`.execute(database);
  await sql`create index commits_created_at on commits (created_at)`.execute(database);
}
