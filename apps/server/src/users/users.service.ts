import type { User, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import type { Queries } from '../database/database.js';
import { NatterError } from '../errors/natter-error.js';
import { ConnectedUsers } from '../presence/connected-users.js';
import { toUser } from './users.mapper.js';
import { type NewUser, type UserRow, UsersRepository } from './users.repository.js';

@Injectable()
export class UsersService {
  constructor(
    private readonly users: UsersRepository,
    private readonly connected: ConnectedUsers,
  ) {}

  async own(caller: Caller): Promise<User> {
    const row = await this.users.findById(caller.userId);
    if (!row) throw new NatterError('NOT_FOUND');
    return this.toUser(row);
  }

  /** @throws {NatterError} `CONFLICT` where the name is taken, in any case. */
  async create(queries: Queries, user: NewUser): Promise<User> {
    const row = await this.users.insert(queries, user);
    if (!row) throw new NatterError('CONFLICT', 'This username is taken');
    return this.toUser(row);
  }

  async findForLogin(username: string): Promise<{ user: User; passwordHash: string } | undefined> {
    const row = await this.users.findByUsername(username);
    return row && { user: this.toUser(row), passwordHash: row.password_hash };
  }

  /** What a user proves himself with, for changing it alone. */
  async credentials(id: UserId): Promise<{ username: string; passwordHash: string }> {
    const row = await this.users.findCredentials(id);
    if (!row) throw new NatterError('NOT_FOUND');
    return { username: row.username, passwordHash: row.password_hash };
  }

  setPasswordHash(queries: Queries, id: UserId, passwordHash: string): Promise<void> {
    return this.users.setPasswordHash(queries, id, passwordHash);
  }

  existing(queries: Queries, ids: readonly UserId[]): Promise<UserId[]> {
    return this.users.existing(queries, ids);
  }

  /** A user's row as others see it now. */
  toUser(row: UserRow): User {
    return toUser(row, this.connected.has(row.id));
  }
}
