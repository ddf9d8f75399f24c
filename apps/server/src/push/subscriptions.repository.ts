import type { DeviceId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../database/database.js';
import type { Caller } from '../identity/caller.js';

export interface Subscription {
  readonly endpoint: string;
  /** The host and port of the endpoint. */
  readonly service: string;
  readonly p256dh: string;
  readonly auth: string;
}

@Injectable()
export class SubscriptionsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores the subscription of the caller's device in place of the one it had, and of any other device's with the same
   * endpoint; `false` where the session has ended.
   */
  store({ deviceId, userId, session }: Caller, subscription: Subscription): Promise<boolean> {
    const { endpoint, service, p256dh, auth } = subscription;
    return this.database.transaction().execute(async (queries) => {
      // Two who take the same endpoint at once go one after the other.
      await sql`select pg_advisory_xact_lock(hashtextextended(${endpoint}, 0))`.execute(queries);
      const { rows } = await sql`
        select from devices
        where id = ${deviceId} and user_id = ${userId} and generation = ${session.generation} and revoked_at is null
        for share`.execute(queries);
      if (rows.length === 0) return false;
      await sql`
        delete from push_subscriptions
        where endpoint = ${endpoint} and device_id <> ${deviceId}`.execute(queries);
      await sql`
        insert into push_subscriptions as p (device_id, user_id, endpoint, service, p256dh, auth)
        values (${deviceId}, ${userId}, ${endpoint}, ${service}, ${p256dh}, ${auth})
        on conflict (device_id) do update set
          endpoint = excluded.endpoint, service = excluded.service, p256dh = excluded.p256dh, auth = excluded.auth`.execute(
        queries,
      );
      return true;
    });
  }

  async remove(deviceId: DeviceId): Promise<void> {
    await this.database
      .deleteFrom('push_subscriptions')
      .where('device_id', '=', deviceId)
      .execute();
  }

  /** Removes what a push service says is no more, unless the device has another by now. */
  async removeDead(deviceId: DeviceId, endpoint: string): Promise<void> {
    await this.database
      .deleteFrom('push_subscriptions')
      .where('device_id', '=', deviceId)
      .where('endpoint', '=', endpoint)
      .execute();
  }
}
