import type { MediaId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type Insertable, type RawBuilder, type Selectable, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import type { MediaTable } from '../database/schema.js';
import { isMember, joinRow } from '../streams/lookups.js';
import { visibleTo } from '../streams/message-view.js';

const COLUMNS = [
  'id',
  'owner_id',
  'kind',
  'mime_type',
  'file_name',
  'size',
  'sha256',
  'opaque',
  'width',
  'height',
  'duration_ms',
  'thumbhash',
  'voice',
  'peaks',
  'thumbnail_size',
  'thumbnail_type',
] as const;

/** The same of row `x`. */
const columnsOfX = sql.join(COLUMNS.map((column) => sql.ref(`x.${column}`)));

/** A file as its readers know it. */
export type ReadableMedia = Pick<Selectable<MediaTable>, (typeof COLUMNS)[number]>;
export type NewMedia = Insertable<MediaTable>;

/** What a user has uploaded and what is not gone yet. */
export interface MediaUsage {
  readonly files: number;
  readonly bytes: number;
}

/** The message `m` of `message_media h`. */
const heldBy = joinRow(sql`messages k where k.chat_id = h.chat_id and k.seq = h.seq`, 'm');

/**
 * Whether a message `m` that holds the file of row `x` is there for a reader who is a member of its chat. All in one
 * query: who is removed meanwhile reads nothing (PRIV-1).
 */
function isHeldFor(reader: UserId): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from message_media h ${heldBy}
    where h.media_id = x.id and ${isMember(reader, sql.ref('h.chat_id'))} and ${visibleTo(reader, 'm')}
  )`;
}

/** Whether nothing holds it yet, or a message that is not over: who uploaded it sees no more than is left (MSG-7). */
const isLeft = sql<boolean>`(
  x.unheld_since is not null or exists (
    select from message_media h ${heldBy}
    join chats c on c.id = h.chat_id and c.deleted_at is null
    where h.media_id = x.id and (m.expires_at is null or m.expires_at > clock_timestamp())
  )
)`;

@Injectable()
export class MediaRepository {
  constructor(private readonly database: Database) {}

  /** Those of the files that the reader may see, in no order. */
  async readable(reader: UserId, ids: readonly MediaId[]): Promise<ReadableMedia[]> {
    const { rows } = await sql<ReadableMedia>`
      select ${columnsOfX}
      from media x
      where x.id = any (${[...ids]}::uuid[]) and x.deleted_at is null
        and (x.owner_id = ${reader} and ${isLeft} or ${isHeldFor(reader)})`.execute(this.database);
    return rows;
  }

  /** A page of what a user has uploaded and can still see, by id. */
  async ownPage(
    owner: UserId,
    after: MediaId | undefined,
    limit: number,
  ): Promise<ReadableMedia[]> {
    const { rows } = await sql<ReadableMedia>`
      select ${columnsOfX}
      from media x
      where x.owner_id = ${owner} and x.deleted_at is null and ${isLeft}
        and ${after === undefined ? sql`true` : sql`x.id > ${after}`}
      order by x.id limit ${limit}`.execute(this.database);
    return rows;
  }

  async usageOf(queries: Queries, owner: UserId): Promise<MediaUsage> {
    const { rows } = await sql<{ files: number; bytes: string | null }>`
      select count(*) as files, sum(size) as bytes
      from media where owner_id = ${owner} and deleted_at is null`.execute(queries);
    return { files: rows[0]?.files ?? 0, bytes: Number(rows[0]?.bytes ?? 0) };
  }

  /** One at a time for each user, until the transaction ends: two uploads that end at once see each other. */
  async lockUsage(queries: Queries, owner: UserId): Promise<void> {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`media:${owner}`}, 0))`.execute(
      queries,
    );
  }

  /** `false` where the account is deleted. */
  async insert(queries: Queries, media: NewMedia): Promise<boolean> {
    const owner = await queries
      .selectFrom('users')
      .select('id')
      .where('id', '=', media.owner_id)
      .where('deleted_at', 'is', null)
      .forKeyShare()
      .executeTakeFirst();
    if (!owner) return false;
    await queries.insertInto('media').values(media).execute();
    return true;
  }

  /** Takes from every answer what a user uploaded and no message holds. */
  async giveUpUnheldOf(queries: Queries, owner: UserId): Promise<void> {
    await queries
      .updateTable('media')
      .set({ deleted_at: sql`clock_timestamp()` })
      .where('owner_id', '=', owner)
      .where('unheld_since', 'is not', null)
      .where('deleted_at', 'is', null)
      .execute();
  }

  /** The same of what nobody has sent for so long; resolves with how many files those were, `limit` at most. */
  async giveUpUnheld(olderThanMs: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      update media set deleted_at = clock_timestamp()
      where unheld_since is not null and deleted_at is null and id in (
        select id from media
        where unheld_since < now() - ${olderThanMs} * interval '1 millisecond' and deleted_at is null
        limit ${limit} for no key update skip locked
      )`.execute(this.database);
    return Number(numAffectedRows ?? 0);
  }

  /** Files that are in no answer any more and whose bytes may still be there. */
  async deleted(limit: number): Promise<MediaId[]> {
    const rows = await this.database
      .selectFrom('media')
      .select('id')
      .where('deleted_at', 'is not', null)
      .orderBy('deleted_at')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  async forget(id: MediaId): Promise<void> {
    await this.database
      .deleteFrom('media')
      .where('id', '=', id)
      .where('deleted_at', 'is not', null)
      .execute();
  }

  /** Those of the ids that stand for a file, also for one whose bytes are to go. */
  async known(ids: readonly MediaId[]): Promise<MediaId[]> {
    if (ids.length === 0) return [];
    const rows = await this.database
      .selectFrom('media')
      .select('id')
      .where('id', 'in', ids)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** All files that are there, by id; whether they have a thumbnail. */
  async page(
    after: MediaId | undefined,
    limit: number,
  ): Promise<{ id: MediaId; thumbnail_size: number | null }[]> {
    return this.database
      .selectFrom('media')
      .select(['id', 'thumbnail_size'])
      .where('deleted_at', 'is', null)
      .$if(after !== undefined, (query) => query.where('id', '>', after ?? null))
      .orderBy('id')
      .limit(limit)
      .execute();
  }
}
