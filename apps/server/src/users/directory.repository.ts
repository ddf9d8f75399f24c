import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { isStatementTimeout } from '../database/statement-timeout.js';
import { isSimilar } from '../names/similarity.js';
import { isMember } from '../streams/lookups.js';
import { userColumns, type UserRow } from './user-row.js';

/** Where in the order of the directory a page begins: after this username in lower case, and this id. */
export interface DirectoryPosition {
  readonly username: string;
  readonly id: UserId;
}

const COLUMNS = sql.join(userColumns.map((column) => sql.ref(column)));
const USERNAME_ORDER = sql`lower(username) collate "C"`;

const SIMILAR_TIMEOUT_MS = 300;
/** Whom the indexes name, to be looked at: the shares of trigrams in common, of whole names and of words of them. */
const CANDIDATE_NAME = 0.3;
const CANDIDATE_WORDS = 0.45;

/** What a name begins with that begins with the text, as a pattern in which the text stands for itself. */
function beginningWith(text: string): RawBuilder<string> {
  return sql<string>`lower(${text.replace(/[\\%_]/g, String.raw`\$&`)}) || '%'`;
}

function isAfter(position: DirectoryPosition | undefined): RawBuilder<boolean> {
  if (!position) return sql<boolean>`true`;
  return sql<boolean>`(${USERNAME_ORDER}, id) > (${position.username}::text, ${position.id}::uuid)`;
}

/** Reads who there is, and who knows whom. */
@Injectable()
export class DirectoryRepository {
  constructor(private readonly database: Database) {}

  /** Everybody, by username without regard to case. */
  async list(after: DirectoryPosition | undefined, limit: number): Promise<UserRow[]> {
    const { rows } = await sql<UserRow>`
      select ${COLUMNS} from users where deleted_at is null and ${isAfter(after)}
      order by ${USERNAME_ORDER}, id limit ${limit}`.execute(this.database);
    return rows;
  }

  /** Those whose username or display name begins with the text, in the same order. */
  async search(
    text: string,
    after: DirectoryPosition | undefined,
    limit: number,
  ): Promise<UserRow[]> {
    // The offset keeps the planner from walking all usernames in search of the few display names.
    const { rows } = await sql<UserRow>`
      select * from (
        (
          select ${COLUMNS} from users
          where deleted_at is null and ${USERNAME_ORDER} like ${beginningWith(text)} and ${isAfter(after)}
          order by ${USERNAME_ORDER}, id limit ${limit}
        ) union (
          select ${COLUMNS} from (
            select * from users
            where deleted_at is null and lower(display_name) collate "C" like ${beginningWith(text)}
            offset 0
          ) named
          where ${isAfter(after)}
          order by ${USERNAME_ORDER}, id limit ${limit}
        )
      ) found
      order by ${USERNAME_ORDER}, id limit ${limit}`.execute(this.database);
    return rows;
  }

  /**
   * Those whose names are similar to the text and do not begin with it, the most similar first. Where names have much in
   * common there may be too many to look at in time: then nobody is.
   */
  async similar(text: string, limit: number): Promise<UserRow[]> {
    try {
      return await this.database
        .transaction()
        .execute((queries) => this.mostSimilar(queries, text, limit));
    } catch (error) {
      if (isStatementTimeout(error)) return [];
      throw error;
    }
  }

  /** Who has exactly this username, without regard to case. */
  findByUsername(username: string): Promise<UserRow[]> {
    return this.database
      .selectFrom('users')
      .select(userColumns)
      .where(sql`lower(username)`, '=', sql`lower(${username})`)
      .where('deleted_at', 'is', null)
      .execute();
  }

  /** In no order; those who do not exist are left out. */
  async findByIds(ids: readonly UserId[]): Promise<UserRow[]> {
    if (ids.length === 0) return [];
    return this.database
      .selectFrom('users')
      .select(userColumns)
      .where('id', 'in', ids)
      .where('deleted_at', 'is', null)
      .execute();
  }

  /** Those of the users who share a chat with this one. */
  async contactsAmong(
    queries: Queries,
    userId: UserId,
    others: readonly UserId[],
  ): Promise<UserId[]> {
    if (others.length === 0) return [];
    const { rows } = await sql<{ id: UserId }>`
      select o.id from unnest(${[...others]}::uuid[]) as o (id)
      where exists (
        select from members theirs
        where theirs.user_id = o.id and ${isMember(userId, sql.ref('theirs.chat_id'))}
      )`.execute(queries);
    return rows.map((row) => row.id);
  }

  private async mostSimilar(queries: Queries, text: string, limit: number): Promise<UserRow[]> {
    // The operators, which the indexes serve, take what is similar enough from the settings.
    await sql`
      select set_config('statement_timeout', ${String(SIMILAR_TIMEOUT_MS)}, true),
        set_config('pg_trgm.similarity_threshold', ${String(CANDIDATE_NAME)}, true),
        set_config('pg_trgm.word_similarity_threshold', ${String(CANDIDATE_WORDS)}, true),
        set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)`.execute(
      queries,
    );
    const { rows } = await sql<UserRow>`
      select ${COLUMNS} from users
      where deleted_at is null
        and (
          lower(username) % lower(${text}::text) or lower(${text}::text) <% lower(username)
          or lower(display_name) % lower(${text}::text) or lower(${text}::text) <% lower(display_name)
        )
        and ${USERNAME_ORDER} not like ${beginningWith(text)}
        and lower(display_name) collate "C" not like ${beginningWith(text)}
        and ${isSimilar(sql`concat_ws(' ', username, display_name)`, text)}
      order by greatest(
        similarity(lower(username), lower(${text}::text)),
        word_similarity(lower(${text}::text), lower(username)),
        word_similarity(lower(${text}::text), lower(display_name))
      ) desc, ${USERNAME_ORDER}, id
      limit ${limit}`.execute(queries);
    return rows;
  }
}
