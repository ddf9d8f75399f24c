import { type PageQuery, type User, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { Cursors } from '../cursors/cursors.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { PresenceService } from '../presence/presence.service.js';
import { type StreamChange, StreamChanges } from '../streams/stream-changes.js';
import { BlocksRepository } from './blocks.repository.js';
import { UsersService } from './users.service.js';

const Position = z.object({ at: z.string(), userId: UserId });

/** Whom a user does not want to hear of (BLOCK-1). Nobody is told of it but his own devices. */
@Injectable()
export class BlocksService {
  constructor(
    private readonly blocks: BlocksRepository,
    private readonly users: UsersService,
    private readonly presence: PresenceService,
    private readonly changes: StreamChanges,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Blocks a user; where he is blocked already, does nothing.
   *
   * @throws {NatterError} `NOT_FOUND` where there is no such user, `INVALID` for oneself.
   */
  async block(caller: Caller, otherId: UserId): Promise<void> {
    if (otherId === caller.userId) throw invalid('id', 'is your own');
    await this.change(caller, otherId, async (change) => {
      const known = await this.users.existing(change.queries, [otherId]);
      if (known.length === 0) throw new NatterError('NOT_FOUND');
      if (!(await this.blocks.add(change.queries, caller.userId, otherId))) return false;
      const details = { userId: otherId };
      await change.appendToUser({ userId: caller.userId, event: 'userBlocked', details });
      return true;
    });
  }

  /**
   * Ends a block; where there is none, does nothing. What came meanwhile stays unseen.
   *
   * @throws {NatterError} `NOT_FOUND` where there is neither a block nor such a user.
   */
  async unblock(caller: Caller, otherId: UserId): Promise<void> {
    await this.change(caller, otherId, async (change) => {
      if (!(await this.blocks.remove(change.queries, caller.userId, otherId))) {
        const known = await this.users.existing(change.queries, [otherId]);
        if (known.length === 0) throw new NatterError('NOT_FOUND');
        return false;
      }
      const details = { userId: otherId };
      await change.appendToUser({ userId: caller.userId, event: 'userUnblocked', details });
      return true;
    });
  }

  /** The users whom the caller blocks, the last one first. */
  async list(
    caller: Caller,
    { cursor, limit }: PageQuery,
  ): Promise<{ items: User[]; nextCursor?: string }> {
    const { userId } = caller;
    const cursors = this.cursors.of('blocks', userId, Position);
    const rows = await this.blocks.list(userId, cursors.open(cursor), limit + 1);
    const { shown, next } = cursors.page(rows, limit, (row) => ({
      at: row.blocked_at.toISOString(),
      userId: row.id,
    }));
    return { items: await this.users.seenBy(userId, shown), ...next };
  }

  /** Both streams are held, so that no direct chat of the two is made meanwhile that does not know of it. */
  private async change(
    { userId }: Caller,
    otherId: UserId,
    body: (change: StreamChange) => Promise<boolean>,
  ): Promise<void> {
    const directChat = await this.blocks.directChat(userId, otherId);
    const locks = {
      chatIds: directChat === undefined ? [] : [directChat],
      userIds: [...new Set([userId, otherId])],
    };
    const changed = await this.changes.run(locks, async (change) => {
      if (!(await body(change))) return false;
      await this.blocks.noteInDirectChat(change.queries, userId, otherId);
      return true;
    });
    if (changed) await this.presence.tellEachOther(userId, otherId);
  }
}
