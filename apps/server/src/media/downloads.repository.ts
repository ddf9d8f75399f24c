import type { DeviceId, MediaId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database } from '../database/database.js';
import { isMember } from '../streams/lookups.js';

/** Bytes of a file that have come to a member's device. */
export interface DownloadedPart {
  readonly mediaId: MediaId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** The first byte, and the one behind the last. */
  readonly from: number;
  readonly to: number;
}

export interface DownloadRow {
  user_id: UserId;
  device_id: DeviceId;
  downloaded_at: Date;
}

/** Parts of one file that are kept for one device: who asks for ever other bytes fills no disk. */
const MOST_PARTS = 1000;

/** Which devices have which parts of a file, until they have all of it. */
@Injectable()
export class DownloadsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Notes that a part has come to a device, and when it has all of the file. Only where he who uploaded it and he who
   * has it share a chat that holds it: to whom others pass it on, he is not told.
   */
  async add({ mediaId, userId, deviceId, from, to }: DownloadedPart): Promise<void> {
    const part = sql`int8multirange(int8range(${from}, ${to}))`;
    await sql`
      insert into media_downloads as d (media_id, user_id, device_id, ranges, downloaded_at)
      select x.id, ${userId}, ${deviceId}, ${part}, ${whenAll(part)}
      from media x
      where x.id = ${mediaId} and x.deleted_at is null and x.owner_id <> ${userId} and exists (
        select from message_media h
        where h.media_id = x.id and ${isMember(userId, sql.ref('h.chat_id'))}
          and ${isMember(sql.ref('x.owner_id'), sql.ref('h.chat_id'))}
      )
      on conflict (media_id, user_id, device_id) do update
      set ranges = d.ranges + excluded.ranges,
        downloaded_at = (select ${whenAll(sql`d.ranges + excluded.ranges`)} from media x where x.id = d.media_id)
      where d.downloaded_at is null
        and (select count(*) from unnest(d.ranges)) < ${MOST_PARTS}`.execute(this.database);
  }

  /** Whole downloads behind this place in the list, in their order. */
  async page(
    mediaId: MediaId,
    after: { readonly downloadedAt: string; readonly deviceId: DeviceId } | undefined,
    limit: number,
  ): Promise<DownloadRow[]> {
    const { rows } = await sql<DownloadRow>`
      select user_id, device_id, downloaded_at from media_downloads
      where media_id = ${mediaId} and downloaded_at is not null and ${
        after
          ? sql`(downloaded_at, device_id) > (${after.downloadedAt}::timestamptz, ${after.deviceId}::uuid)`
          : sql`true`
      }
      order by downloaded_at, device_id limit ${limit}`.execute(this.database);
    return rows;
  }
}

/** The time, where these ranges are all of the file `x`. */
function whenAll(ranges: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${ranges} @> int8range(0, x.size) then clock_timestamp() end`;
}
