import type { ChatId, DeviceId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { LOCK_TIMEOUT_MS } from '../streams/lock-timeout.js';
import { isNews, isSilent } from './alert-conditions.js';

/** Entries of a chat above `after`, up to `upTo`, of which it is not settled who is alerted. */
export interface UnplannedRange {
  readonly chat_id: ChatId;
  readonly after: number;
  readonly up_to: number;
}

/** A device that may have to be alerted, and the newest message of which. */
export interface Candidate {
  readonly device_id: DeviceId;
  readonly user_id: UserId;
  readonly chat_id: ChatId;
  /** What came up to here is settled. */
  readonly after: number;
  readonly seq: number;
  readonly sent_at: Date;
}

export interface PlannedAlert extends Candidate {
  readonly delayMs: number;
}

/** Which entries of chats are settled, and what came of them. */
@Injectable()
export class PlanningRepository {
  constructor(private readonly database: Database) {}

  /** Whether there is anybody to send pushes to. */
  async hasSubscriptions(): Promise<boolean> {
    const { rows } = await sql`select from push_subscriptions limit 1`.execute(this.database);
    return rows.length > 0;
  }

  /** Chats with ids above `after` that have entries which are not settled. Those without a position are none. */
  async behind(after: ChatId | undefined, limit: number): Promise<ChatId[]> {
    const { rows } = await sql<{ id: ChatId }>`
      select c.id from push_positions p join chats c on c.id = p.chat_id
      where c.last_seq > p.planned_seq and ${after === undefined ? sql`true` : sql`c.id > ${after}`}
      order by c.id limit ${limit}`.execute(this.database);
    return rows.map((row) => row.id);
  }

  /**
   * Locks the positions of those of the chats that are behind; another node that settles one of them is waited for, and
   * then there may be nothing left. A chat that none has ever been settled of begins after the entry that `chats` names,
   * unless nobody in it gets pushes.
   */
  async claim(queries: Queries, chats: ReadonlyMap<ChatId, number>): Promise<UnplannedRange[]> {
    const chatIds = [...chats.keys()];
    await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`.execute(queries);
    await sql`
      insert into push_positions (chat_id, planned_seq)
      select i.chat_id, i.after from unnest(${chatIds}::uuid[], ${[...chats.values()]}::bigint[]) as i (chat_id, after)
      where not exists (select from push_positions p where p.chat_id = i.chat_id) and exists (
        select from members x join push_subscriptions s on s.user_id = x.user_id where x.chat_id = i.chat_id
      )
      order by i.chat_id
      on conflict do nothing`.execute(queries);
    const { rows } = await sql<UnplannedRange>`
      select p.chat_id, p.planned_seq as after, c.last_seq as up_to
      from push_positions p join chats c on c.id = p.chat_id
      where p.chat_id = any (${chatIds}::uuid[]) and c.last_seq > p.planned_seq
      order by p.chat_id for update of p`.execute(queries);
    return rows;
  }

  /** The devices of members that may have to be alerted of the newest message in a range that is news to them. */
  async candidates(
    queries: Queries,
    ranges: readonly UnplannedRange[],
    oldestSeconds: number,
  ): Promise<Candidate[]> {
    const { rows } = await sql<Candidate>`
      select s.device_id, s.user_id, i.chat_id, i.after, newest.seq, newest.created_at as sent_at
      from unnest(
        ${ranges.map((range) => range.chat_id)}::uuid[], ${ranges.map((range) => range.after)}::bigint[],
        ${ranges.map((range) => range.up_to)}::bigint[]
      ) as i (chat_id, after, up_to)
      join members x on x.chat_id = i.chat_id
      join push_subscriptions s on s.user_id = x.user_id
      cross join lateral (
        select m.seq, m.created_at from messages m
        where m.chat_id = i.chat_id and m.seq > i.after and m.seq <= i.up_to and ${isNews('s.user_id')}
          and m.created_at >= s.created_at
          and m.created_at > clock_timestamp() - make_interval(secs => ${oldestSeconds})
        order by m.seq desc limit 1
      ) newest
      where not ${isSilent('i.chat_id', 's.user_id')}`.execute(queries);
    return rows;
  }

  /** Notes of what devices are to be alerted; what waits for them in the same chat already is part of it. */
  async plan(queries: Queries, alerts: readonly PlannedAlert[]): Promise<void> {
    if (alerts.length === 0) return;
    await sql`
      insert into push_alerts as a (device_id, chat_id, user_id, after_seq, seq, sent_at, due_at)
      select i.device_id, i.chat_id, i.user_id, i.after, i.seq, i.sent_at, clock_timestamp() + make_interval(secs => i.delay)
      from unnest(
        ${alerts.map((alert) => alert.device_id)}::uuid[], ${alerts.map((alert) => alert.chat_id)}::uuid[],
        ${alerts.map((alert) => alert.user_id)}::uuid[], ${alerts.map((alert) => alert.after)}::bigint[],
        ${alerts.map((alert) => alert.seq)}::bigint[],
        ${alerts.map((alert) => alert.sent_at)}::timestamptz[], ${alerts.map(({ delayMs }) => delayMs / 1000)}::float8[]
      ) as i (device_id, chat_id, user_id, after, seq, sent_at, delay)
      join push_subscriptions s on s.device_id = i.device_id
      order by i.device_id, i.chat_id
      on conflict (device_id, chat_id) do update set
        seq = excluded.seq, sent_at = excluded.sent_at, due_at = coalesce(a.due_at, excluded.due_at),
        after_seq = case when a.due_at is null then excluded.after_seq else a.after_seq end
      where a.seq < excluded.seq`.execute(queries);
  }

  async settle(queries: Queries, ranges: readonly UnplannedRange[]): Promise<void> {
    await sql`
      update push_positions p set planned_seq = i.up_to
      from unnest(
        ${ranges.map((range) => range.chat_id)}::uuid[], ${ranges.map((range) => range.up_to)}::bigint[]
      ) as i (chat_id, up_to)
      where p.chat_id = i.chat_id`.execute(queries);
  }
}
