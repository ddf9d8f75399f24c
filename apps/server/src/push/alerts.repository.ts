import type { ChatId, DeviceId, MessageId, MessageKind, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { isSilent, isStillNews, newestNews } from './alert-conditions.js';

/** An alert that is due, and what is so at this moment. */
export interface DueAlert {
  readonly device_id: DeviceId;
  readonly user_id: UserId;
  readonly chat_id: ChatId;
  /** The newest message of which it is to be alerted; null where it is not to be. */
  readonly news_seq: number | null;
  readonly handed_seq: number;
  /** Whether the alert that was handed over last is over. */
  readonly is_over: boolean;
  readonly attempts: number;
  readonly is_silent: boolean;
  readonly endpoint: string;
  readonly service: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** What a push may tell of a message. */
export interface AlertedMessage {
  readonly chat_id: ChatId;
  readonly seq: number;
  readonly id: MessageId;
  readonly kind: MessageKind;
  readonly text: string | null;
  readonly expires_at: Date | null;
  readonly sender_id: UserId;
  readonly username: string;
  readonly display_name: string;
  readonly title: string | null;
}

/** An alert of a message that is there to be alerted of. */
export type ReadyAlert = DueAlert & { readonly news_seq: number };

export type AlertKey = Pick<DueAlert, 'device_id' | 'chat_id'>;

function keys(alerts: readonly AlertKey[]) {
  return sql`unnest(
    ${alerts.map((alert) => alert.device_id)}::uuid[], ${alerts.map((alert) => alert.chat_id)}::uuid[]
  ) as i (device_id, chat_id)`;
}

/** What devices are to be alerted of, and were. */
@Injectable()
export class AlertsRepository {
  constructor(private readonly database: Database) {}

  /** For how many seconds the alert that is due the longest has been; 0 where none is. */
  async lagSeconds(): Promise<number> {
    const { rows } = await sql<{ lag: number }>`
      select coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0)::float8 as lag
      from push_alerts where due_at <= clock_timestamp()`.execute(this.database);
    return rows[0]?.lag ?? 0;
  }

  /** Locks alerts that are due, the longest first, but for those of other nodes and of services that are left alone. */
  async due(queries: Queries, services: readonly string[], limit: number): Promise<DueAlert[]> {
    const { rows } = await sql<DueAlert>`
      select a.device_id, a.user_id, a.chat_id, ${newestNews} as news_seq, a.handed_seq,
        a.handed_seq > 0 and not ${isStillNews} as is_over, a.attempts,
        ${isSilent('a.chat_id', 'a.user_id')} as is_silent, s.endpoint, s.service, s.p256dh, s.auth
      from push_alerts a join push_subscriptions s on s.device_id = a.device_id
      where a.due_at <= clock_timestamp() and s.service <> all (${[...services]}::text[])
      order by a.due_at limit ${limit} for update of a skip locked`.execute(queries);
    return rows;
  }

  /** Notes that the push service is about to be told of them. Whatever becomes of this node, none is told twice. */
  async hand(queries: Queries, alerts: readonly ReadyAlert[]): Promise<void> {
    if (alerts.length === 0) return;
    await sql`
      update push_alerts a set handed_seq = i.seq, due_at = null
      from unnest(
        ${alerts.map((alert) => alert.device_id)}::uuid[], ${alerts.map((alert) => alert.chat_id)}::uuid[],
        ${alerts.map((alert) => alert.news_seq)}::bigint[]
      ) as i (device_id, chat_id, seq)
      where a.device_id = i.device_id and a.chat_id = i.chat_id`.execute(queries);
  }

  /** Makes them due later. */
  async postpone(queries: Queries, alerts: readonly AlertKey[], delayMs: number): Promise<void> {
    if (alerts.length === 0) return;
    await sql`
      update push_alerts a set due_at = clock_timestamp() + make_interval(secs => ${delayMs / 1000})
      from ${keys(alerts)} where a.device_id = i.device_id and a.chat_id = i.chat_id`.execute(
      queries,
    );
  }

  /** Leaves a device alone until something else comes in the chat. */
  async rest(queries: Queries, alerts: readonly AlertKey[]): Promise<void> {
    if (alerts.length === 0) return;
    await sql`
      update push_alerts a set due_at = null from ${keys(alerts)}
      where a.device_id = i.device_id and a.chat_id = i.chat_id`.execute(queries);
  }

  async remove(queries: Queries, alerts: readonly AlertKey[]): Promise<void> {
    if (alerts.length === 0) return;
    await sql`
      delete from push_alerts a using ${keys(alerts)}
      where a.device_id = i.device_id and a.chat_id = i.chat_id`.execute(queries);
  }

  async messagesOf(alerts: readonly ReadyAlert[]): Promise<AlertedMessage[]> {
    if (alerts.length === 0) return [];
    const { rows } = await sql<AlertedMessage>`
      select distinct on (m.chat_id, m.seq) m.chat_id, m.seq, m.id, m.kind, m.text, m.expires_at, m.sender_id,
        u.username, u.display_name, c.title
      from unnest(
        ${alerts.map((alert) => alert.chat_id)}::uuid[], ${alerts.map((alert) => alert.news_seq)}::bigint[]
      ) as i (chat_id, seq)
      join messages m on m.chat_id = i.chat_id and m.seq = i.seq
      join users u on u.id = m.sender_id
      join chats c on c.id = m.chat_id`.execute(this.database);
    return rows;
  }

  /** The push service took it at last. */
  async succeed({ device_id: deviceId, chat_id: chatId }: DueAlert): Promise<void> {
    await sql`
      update push_alerts set attempts = 0 where device_id = ${deviceId} and chat_id = ${chatId}`.execute(
      this.database,
    );
  }

  /**
   * The push service was not told: it is to be tried again, together with what came in the chat meanwhile. Nothing is to
   * be done where that was handed over already.
   */
  async retry(alert: ReadyAlert, delayMs: number): Promise<void> {
    const { device_id: deviceId, chat_id: chatId, news_seq: seq, handed_seq: handedSeq } = alert;
    await sql`
      update push_alerts
      set due_at = clock_timestamp() + make_interval(secs => ${delayMs / 1000}), attempts = attempts + 1,
        handed_seq = ${handedSeq}
      where device_id = ${deviceId} and chat_id = ${chatId} and handed_seq = ${seq}`.execute(
      this.database,
    );
  }

  /** Makes due what is over for the users of the chats. */
  async reviewUsers(chatIds: readonly ChatId[], userIds: readonly UserId[]): Promise<number> {
    const { numAffectedRows } = await sql`
      update push_alerts a set due_at = clock_timestamp()
      from unnest(${[...chatIds]}::uuid[], ${[...userIds]}::uuid[]) as i (chat_id, user_id)
      where a.chat_id = i.chat_id and a.user_id = i.user_id and a.due_at is null and a.handed_seq > 0
        and not ${isStillNews}`.execute(this.database);
    return Number(numAffectedRows ?? 0);
  }

  /** Makes due what is over for whoever in the chats. */
  async reviewChats(chatIds: readonly ChatId[]): Promise<number> {
    const { numAffectedRows } = await sql`
      update push_alerts a set due_at = clock_timestamp()
      where a.chat_id = any (${[...chatIds]}::uuid[]) and a.due_at is null and a.handed_seq > 0
        and not ${isStillNews}`.execute(this.database);
    return Number(numAffectedRows ?? 0);
  }

  /** Makes due what is over, of up to `limit` alerts. */
  async reviewAll(limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      update push_alerts o set due_at = clock_timestamp()
      from (
        select a.device_id, a.chat_id from push_alerts a
        where a.due_at is null and a.handed_seq > 0
        and not ${isStillNews} limit ${limit}
      ) a
      where o.device_id = a.device_id and o.chat_id = a.chat_id and o.due_at is null`.execute(
      this.database,
    );
    return Number(numAffectedRows ?? 0);
  }

  /** Forgets up to `limit` alerts that no push service holds any more. */
  async forgetOld(ttlSeconds: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from push_alerts where ctid = any (array(
        select ctid from push_alerts
        where due_at is null and sent_at < clock_timestamp() - make_interval(secs => ${ttlSeconds}) limit ${limit}
      ))`.execute(this.database);
    return Number(numAffectedRows ?? 0);
  }
}
