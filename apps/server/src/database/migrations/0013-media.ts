import { type Kysely, sql } from 'kysely';

/**
 * Files, the messages that hold them, and who has them. A file is there for as long as something holds it: when the last
 * message is gone, `release_media` takes it from every answer at once, and its bytes go after that. What no message has
 * held yet has `unheld_since`, and time until it is given up.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table media (
      id uuid primary key,
      owner_id uuid not null,
      kind text not null check (kind in ('image', 'video', 'audio', 'file')),
      mime_type text not null,
      file_name text not null,
      size bigint not null,
      sha256 bytea not null,
      opaque boolean not null,
      width integer,
      height integer,
      duration_ms integer,
      thumbhash text,
      voice boolean not null,
      peaks double precision[],
      thumbnail_size integer,
      thumbnail_type text,
      created_at timestamptz(3) not null default now(),
      unheld_since timestamptz(3) default now(),
      deleted_at timestamptz(3)
    )`.execute(database);
  await sql`create index media_owner on media (owner_id, id) include (size) where deleted_at is null`.execute(
    database,
  );
  await sql`create index media_unheld on media (unheld_since) where unheld_since is not null and deleted_at is null`.execute(
    database,
  );
  await sql`create index media_deleted on media (deleted_at) where deleted_at is not null`.execute(
    database,
  );

  await sql`
    create table message_media (
      chat_id uuid not null,
      seq bigint not null,
      place integer not null,
      media_id uuid not null,
      primary key (chat_id, seq, place)
    )`.execute(database);
  await sql`create index message_media_media on message_media (media_id, chat_id, seq)`.execute(
    database,
  );

  // Until all of a file has come to a device, which parts of it have.
  await sql`
    create table media_downloads (
      media_id uuid not null references media (id) on delete cascade,
      user_id uuid not null,
      device_id uuid not null,
      ranges int8multirange not null default '{}',
      downloaded_at timestamptz(3),
      primary key (media_id, user_id, device_id)
    )`.execute(database);

  // Public, and named by a secret: whoever has the name may see it.
  await sql`
    create table avatars (
      name text primary key,
      mime_type text not null,
      size bigint not null,
      created_at timestamptz(3) not null default now(),
      deleted_at timestamptz(3)
    )`.execute(database);
  await sql`create index avatars_deleted on avatars (deleted_at) where deleted_at is not null`.execute(
    database,
  );
  await sql`alter table users add column avatar text`.execute(database);
  await sql`alter table chats add column avatar text`.execute(database);
  await sql`create index users_avatar on users (avatar) where avatar is not null`.execute(database);
  await sql`create index chats_avatar on chats (avatar) where avatar is not null`.execute(database);
  // However a user or a group comes to have another avatar or none: the old one goes.
  await sql`
    create function forget_avatar() returns trigger
    language plpgsql
    as $$
    begin
      if old.avatar is distinct from new.avatar then
        update avatars set deleted_at = clock_timestamp() where name = old.avatar and deleted_at is null;
      end if;
      return null;
    end
    $$`.execute(database);
  for (const table of ['users', 'chats']) {
    await sql`
      create trigger ${sql.id(`${table}_avatar`)} after update of avatar on ${sql.table(table)}
      for each row execute function forget_avatar()`.execute(database);
  }

  // What a message shows of a file, as `MediaView` in streams/media-view.ts reads it.
  await sql`
    create function media_view(x media) returns json
    language sql immutable
    as $$
      select json_build_object(
        'id', x.id, 'kind', x.kind, 'mime_type', x.mime_type, 'file_name', x.file_name, 'size', x.size,
        'width', x.width, 'height', x.height, 'duration_ms', x.duration_ms, 'thumbhash', x.thumbhash,
        'voice', x.voice, 'peaks', x.peaks, 'has_thumbnail', x.thumbnail_size is not null
      )
    $$`.execute(database);
  await sql`
    create function media_of(p_chat_id uuid, p_seq bigint) returns json
    language sql stable
    as $$
      select json_agg(media_view(x) order by h.place)
      from message_media h join media x on x.id = h.media_id
      where h.chat_id = p_chat_id and h.seq = p_seq
    $$`.execute(database);

  // It must stay two statements: only one that begins after the locks are held sees what came to hold them meanwhile.
  await sql`
    create function release_media(p_media_ids uuid[]) returns void
    language plpgsql volatile
    as $$
    begin
      perform from media x where x.id = any (p_media_ids) order by x.id for no key update;
      update media x set deleted_at = clock_timestamp()
      where x.id = any (p_media_ids) and x.deleted_at is null
        and not exists (select from message_media h where h.media_id = x.id);
    end
    $$`.execute(database);
}
