import type { ChatId, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { CompiledQuery, sql } from 'kysely';
import { Database, type Queries } from '../database/database.js';
import { appendBatch, type MessageDraft } from './append-statement.js';
import { Bus } from './bus.js';
import { LOCK_TIMEOUT_MS } from './lock-timeout.js';
import type { CommittedChatEntry, CommittedUserEvent, UserEventName } from './commit.js';
import { type MessageRow, toChatEntry } from './message-row.js';

const ATTEMPTS = 3;
// Deadlock and serialization failures: the transaction was undone as a whole and may simply run again.
const UNDONE = /^40(P01|001)$/;

export interface UserEventDraft {
  readonly userId: UserId;
  readonly event: UserEventName;
  readonly chatId?: ChatId;
  readonly details?: unknown;
}

/** A transaction that changes who is in a chat or what a user has, and appends what it did to the streams. */
export class StreamChange {
  readonly chatEntries: CommittedChatEntry[] = [];
  readonly userEvents: CommittedUserEvent[] = [];

  constructor(readonly queries: Queries) {}

  /**
   * Appends a message whose sender is a member at this moment.
   *
   * @throws where the sender is none: the caller has checked it under the lock.
   */
  async append(draft: MessageDraft): Promise<MessageRow> {
    const runner = {
      query: (text: string, values: unknown[]) =>
        this.queries
          .executeQuery<never>(CompiledQuery.raw(text, values))
          .then(({ rows }) => ({ rows })),
    };
    const [outcome] = await appendBatch(runner, [draft], LOCK_TIMEOUT_MS);
    if (outcome?.outcome !== 'appended') {
      throw new Error(
        `Unable to append to the chat ${draft.chatId}; the outcome is ${outcome?.outcome}`,
      );
    }
    const { row } = outcome;
    this.chatEntries.push({ chatId: row.chat_id, seq: row.seq, entry: toChatEntry(row) });
    return row;
  }

  /** Appends to the users' own streams, which must be locked. Resolves with their `userSeq`, in the order of the drafts. */
  async appendToUsers(drafts: readonly UserEventDraft[]): Promise<number[]> {
    if (drafts.length === 0) return [];
    const { rows } = await sql<{ user_seq: number }>`
      select user_seq from append_user_events(
        ${drafts.map((draft) => draft.userId)}::uuid[],
        ${drafts.map((draft) => draft.event)}::text[],
        ${drafts.map((draft) => draft.chatId ?? null)}::uuid[],
        ${drafts.map((draft) => (draft.details === undefined ? null : JSON.stringify(draft.details)))}::jsonb[]
      )`.execute(this.queries);
    const userSeqs = rows.map((row) => row.user_seq);
    for (const [index, draft] of drafts.entries()) {
      const userSeq = userSeqs[index];
      if (userSeq === undefined)
        throw new Error(`Unable to append to the stream of ${draft.userId}; it is missing`);
      this.userEvents.push({
        userId: draft.userId,
        userSeq,
        event: draft.event,
        chatId: draft.chatId ?? null,
        details: draft.details ?? null,
      });
    }
    return userSeqs;
  }
}

export interface StreamLocks {
  readonly chatIds?: readonly ChatId[];
  readonly userIds?: readonly UserId[];
}

/** Runs the changes that are not plain sends: one transaction each, published after its commit. */
@Injectable()
export class StreamChanges {
  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  /**
   * Runs `body` in a transaction that holds the streams named by `locks`: chats first, then users, each in ascending
   * order, as every writer does, so that no two of them deadlock. Statements of `body` see what was committed while
   * the locks were awaited. An error of `body` undoes everything.
   */
  async run<T>(locks: StreamLocks, body: (change: StreamChange) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.runOnce(locks, body);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        if (attempt >= ATTEMPTS || !UNDONE.test(code)) throw error;
      }
    }
  }

  private async runOnce<T>(
    { chatIds = [], userIds = [] }: StreamLocks,
    body: (change: StreamChange) => Promise<T>,
  ): Promise<T> {
    const { result, change } = await this.database.transaction().execute(async (transaction) => {
      await sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`.execute(
        transaction,
      );
      if (chatIds.length > 0) {
        await sql`select from chats where id = any (${[...chatIds]}::uuid[]) order by id for no key update`.execute(
          transaction,
        );
      }
      if (userIds.length > 0) {
        await sql`
          select from user_streams where user_id = any (${[...userIds]}::uuid[]) order by user_id for no key update`.execute(
          transaction,
        );
      }
      const change = new StreamChange(transaction);
      return { result: await body(change), change };
    });
    this.bus.publish(change);
    return result;
  }
}
