import { type Kysely, sql } from 'kysely';

/**
 * Who is alerted by Web Push. A subscription is of one session of a device, and goes with it by a trigger: sessions end in
 * many ways, some of them inside of SQL functions, and no way may leave one behind.
 *
 * An alert is one row for each device and chat, whatever comes in the chat, so that an outage of a push service costs no
 * more rows than that.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`alter table installation add column vapid_private_key bytea`.execute(database);

  await sql`
    create table push_subscriptions (
      device_id uuid primary key references devices (id) on delete cascade,
      user_id uuid not null,
      endpoint text not null,
      service text not null,
      p256dh text not null,
      auth text not null,
      created_at timestamptz(3) not null default now()
    )`.execute(database);
  await sql`create unique index push_subscriptions_endpoint on push_subscriptions (endpoint)`.execute(
    database,
  );
  await sql`create index push_subscriptions_user on push_subscriptions (user_id)`.execute(database);

  await sql`
    create function end_push_subscription() returns trigger
    language plpgsql
    as $$
    begin
      delete from push_subscriptions where device_id = new.id;
      return null;
    end
    $$`.execute(database);
  await sql`
    create trigger devices_end_push_subscription
    after update of generation, revoked_at on devices
    for each row when (new.revoked_at is not null or new.generation <> old.generation)
    execute function end_push_subscription()`.execute(database);

  await sql`
    create table push_positions (
      chat_id uuid primary key,
      planned_seq bigint not null
    ) with (fillfactor = 80)`.execute(database);

  await sql`
    create table push_alerts (
      device_id uuid not null references push_subscriptions (device_id) on delete cascade,
      chat_id uuid not null,
      user_id uuid not null,
      after_seq bigint not null,
      seq bigint not null,
      sent_at timestamptz(3) not null,
      handed_seq bigint not null default 0,
      due_at timestamptz(3),
      attempts integer not null default 0,
      primary key (device_id, chat_id)
    ) with (fillfactor = 80)`.execute(database);
  await sql`create index push_alerts_due on push_alerts (due_at) where due_at is not null`.execute(
    database,
  );
  await sql`create index push_alerts_chat on push_alerts (chat_id, user_id)`.execute(database);
}
