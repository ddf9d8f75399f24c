import { type ListUsersQuery, type User, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import { Cursors } from '../cursors/cursors.js';
import { invalid } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { canBeSimilar } from '../names/similarity.js';
import { type DirectoryPosition, DirectoryRepository } from './directory.repository.js';
import type { UserRow } from './user-row.js';
import { UsersService } from './users.service.js';

/** How much of a name has to be known where the directory is not open. */
const LEAST_QUERY = 2;

/** Beyond these, similar names are hardly what was meant. */
const MOST_SIMILAR = 10;

const Position = z.object({ username: z.string(), id: UserId });

/** Who there is, as far as this installation shows it. */
@Injectable()
export class DirectoryService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly directory: DirectoryRepository,
    private readonly users: UsersService,
    private readonly cursors: Cursors,
  ) {}

  /**
   * With `ids`, those users in the order asked for; else a page of the directory, by username. Where the last page by a
   * query has room, those whose names are similar to it come behind.
   */
  async list(
    caller: Caller,
    { query = '', ids, cursor, limit }: ListUsersQuery,
  ): Promise<{ items: User[]; nextCursor?: string }> {
    if (ids) return { items: await this.known(caller, ids) };
    const cursors = this.cursors.of('users', caller.userId, Position, query);
    const rows = await this.find(query, cursors.open(cursor), limit + 1);
    const { shown, next } = cursors.page(rows, limit, (row) => ({
      username: row.username.toLowerCase(),
      id: row.id,
    }));
    const similar = await this.findSimilar(query, limit - shown.length);
    return { items: await this.users.seenBy(caller.userId, [...shown, ...similar]), ...next };
  }

  /** For the end of the last page. */
  private async findSimilar(query: string, room: number): Promise<UserRow[]> {
    if (room <= 0 || this.config.userDirectory === 'off' || !canBeSimilar(query)) return [];
    return this.directory.similar(query, Math.min(room, MOST_SIMILAR));
  }

  private async known(caller: Caller, ids: readonly UserId[]): Promise<User[]> {
    const rows = await this.directory.findByIds(ids);
    const users = await this.users.seenBy(caller.userId, rows);
    const userOf = new Map(users.map((user) => [user.id, user]));
    return [...new Set(ids)].flatMap((id) => userOf.get(id) ?? []);
  }

  /** @throws {NatterError} `INVALID` where the query asks for more than the directory shows. */
  private find(
    query: string,
    after: DirectoryPosition | undefined,
    limit: number,
  ): Promise<UserRow[]> {
    const { userDirectory } = this.config;
    if (userDirectory === 'off') {
      if (query === '') throw invalid('query', 'must be a whole username on this server');
      return this.directory.findByUsername(query);
    }
    if (userDirectory === 'query' && Array.from(query).length < LEAST_QUERY) {
      throw invalid('query', `must be at least ${LEAST_QUERY} characters on this server`);
    }
    return query === ''
      ? this.directory.list(after, limit)
      : this.directory.search(query, after, limit);
  }
}
