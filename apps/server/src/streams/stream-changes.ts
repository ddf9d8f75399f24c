import type { ChatId, MessageId, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { CONFIG, type Config } from '../config/config.js';
import { Database, type Queries } from '../database/database.js';
import { appendBatch } from './append-batch.js';
import { committedEntry, type MessageDraft, type SettledOutcome } from './append-statement.js';
import { Bus } from './bus.js';
import { ChangeLines } from './change-lines.js';
import { LOCK_TIMEOUT_MS } from './lock-timeout.js';
import type {
  Commit,
  CommittedChatEntry,
  CommittedUserEvent,
  MarkMove,
  UserEventName,
} from './commit.js';
import { readCommonMessages } from './message-view.js';
import { type ChangeEvent, toCommittedEntry } from './stream-row.js';

const ATTEMPTS = 3;
// Deadlock and serialization failures: the transaction was undone as a whole and may simply run again.
const UNDONE = /^40(P01|001)$/;

export interface UserEventDraft {
  readonly userId: UserId;
  readonly event: UserEventName;
  readonly chatId?: ChatId;
  readonly details?: unknown;
}

/** Something that happens to a message, to be appended to its chat. */
export interface ChangeDraft {
  readonly chatId: ChatId;
  readonly event: ChangeEvent;
  readonly messageId: MessageId;
  readonly messageSeq: number;
  readonly userId: UserId;
  readonly details?: unknown;
}

/** A transaction that does more than to send one message, and appends what it did to the streams. */
export class StreamChange implements Commit {
  readonly chatEntries: CommittedChatEntry[] = [];
  readonly userEvents: CommittedUserEvent[] = [];
  readonly markMoves: MarkMove[] = [];

  /** @param exceptSocketId The socket that sent the command, which gets none of the chats' entries (FAN-1). */
  constructor(
    readonly queries: Queries,
    private readonly exceptSocketId?: string,
  ) {}

  /**
   * Appends a message whose sender is a member at this moment.
   *
   * @throws where the sender is none: the caller has checked it under the lock.
   */
  async append(draft: MessageDraft): Promise<void> {
    const [outcome] = await this.appendMessages([draft]);
    if (outcome?.outcome !== 'appended') {
      throw new Error(
        `Unable to append to the chat ${draft.chatId}; the outcome is ${outcome?.outcome}`,
      );
    }
  }

  /** Appends those messages that may be; the outcomes are in the order of the drafts. Their chats must be locked. */
  async appendMessages(drafts: readonly MessageDraft[]): Promise<SettledOutcome[]> {
    const outcomes = await appendBatch(this.queries, drafts, LOCK_TIMEOUT_MS);
    return outcomes.map((outcome) => {
      if (outcome.outcome === 'busy') throw new Error('Unable to append; a chat is not locked');
      if (outcome.outcome === 'appended') {
        this.chatEntries.push(committedEntry(outcome, this.exceptSocketId));
        if (outcome.markMove) {
          this.markMoves.push({ ...outcome.markMove, exceptSocketId: this.exceptSocketId });
        }
      }
      return outcome;
    });
  }

  /** Appends what happened to a message, once it has happened. Its chat must be locked. Resolves with the `seq`. */
  async appendChange(draft: ChangeDraft): Promise<number> {
    const { chatId, event, messageId, messageSeq, userId } = draft;
    const details = draft.details === undefined ? null : JSON.stringify(draft.details);
    const { rows } = await sql<{ seq: number; created_at: Date }>`
      select * from append_change(
        ${chatId}, ${event}, ${messageId}, ${messageSeq}, ${userId}, ${details}
      )`.execute(this.queries);
    const [appended] = rows;
    if (!appended) throw new Error(`Unable to append to the chat ${chatId}; it is missing`);
    const [message] = await readCommonMessages(this.queries, [[chatId, messageSeq]]);
    const row = {
      ...appended,
      chat_id: chatId,
      event,
      message_id: messageId,
      message_seq: messageSeq,
      user_id: userId,
      details: draft.details ?? null,
      size: 0,
    };
    this.chatEntries.push({
      ...toCommittedEntry(row, message),
      exceptSocketId: this.exceptSocketId,
    });
    return appended.seq;
  }

  /** Appends to the users' own streams, which must be locked. */
  async appendToUsers(drafts: readonly UserEventDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    const userSeqs = await this.storeUserEvents(drafts);
    for (const [index, draft] of drafts.entries()) this.noteUserEvent(draft, userSeqs[index]);
  }

  /** Appends to one user's own stream, which must be locked. Resolves with the `userSeq`. */
  async appendToUser(draft: UserEventDraft): Promise<number> {
    const [userSeq] = await this.storeUserEvents([draft]);
    return this.noteUserEvent(draft, userSeq);
  }

  private async storeUserEvents(drafts: readonly UserEventDraft[]): Promise<number[]> {
    const { rows } = await sql<{ user_seq: number }>`
      select user_seq from append_user_events(
        ${drafts.map((draft) => draft.userId)}::uuid[],
        ${drafts.map((draft) => draft.event)}::text[],
        ${drafts.map((draft) => draft.chatId ?? null)}::uuid[],
        ${drafts.map((draft) => (draft.details === undefined ? null : JSON.stringify(draft.details)))}::jsonb[]
      )`.execute(this.queries);
    return rows.map((row) => row.user_seq);
  }

  private noteUserEvent(draft: UserEventDraft, userSeq: number | undefined): number {
    const { userId, event, chatId = null, details = null } = draft;
    if (userSeq === undefined) {
      throw new Error(`Unable to append to the stream of ${userId}; it is missing`);
    }
    this.userEvents.push({ userId, userSeq, event, chatId, details });
    return userSeq;
  }
}

export interface StreamLocks {
  readonly chatIds?: readonly ChatId[];
  readonly userIds?: readonly UserId[];
}

/** Runs the changes that are not plain sends: one transaction each, published after its commit. */
@Injectable()
export class StreamChanges {
  private readonly lines: ChangeLines;

  constructor(
    @Inject(CONFIG) { databasePool, capacity }: Config,
    private readonly database: Database,
    private readonly bus: Bus,
  ) {
    // The other half is for reads, also for those of changes under way.
    this.lines = new ChangeLines(
      Math.max(1, Math.floor(databasePool / 2)),
      capacity.waitingChanges,
    );
  }

  /**
   * Runs `body` in a transaction that holds the streams named by `locks`: chats first, then users, each in ascending
   * order, as every writer does, so that no two of them deadlock. Statements of `body` see what was committed while
   * the locks were awaited. An error of `body` undoes everything. `body` must not run another change: it would wait for
   * itself.
   *
   * @param exceptSocketId The socket that sent the command.
   * @throws {NatterError} `UNAVAILABLE` where streams stay held, and what `body` throws.
   */
  run<T>(
    { chatIds = [], userIds = [] }: StreamLocks,
    body: (change: StreamChange) => Promise<T>,
    exceptSocketId?: string,
  ): Promise<T> {
    const streamIds = [...chatIds.toSorted(), ...userIds.toSorted()];
    return this.lines.run(streamIds, (lockTimeoutMs) =>
      this.runAgainWhereUndone(() =>
        this.runOnce({ chatIds, userIds, lockTimeoutMs }, body, exceptSocketId),
      ),
    );
  }

  /** Publishes what a statement that commits by itself has appended to the users' own streams. */
  publish(userEvents: readonly CommittedUserEvent[]): void {
    this.bus.publish({ userEvents, chatEntries: [], markMoves: [] });
  }

  private async runAgainWhereUndone<T>(attemptOnce: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptOnce();
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        if (attempt >= ATTEMPTS || !UNDONE.test(code)) throw error;
      }
    }
  }

  private async runOnce<T>(
    { chatIds, userIds, lockTimeoutMs }: Required<StreamLocks> & { readonly lockTimeoutMs: number },
    body: (change: StreamChange) => Promise<T>,
    exceptSocketId: string | undefined,
  ): Promise<T> {
    const { result, change } = await this.database.transaction().execute(async (transaction) => {
      await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`.execute(
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
      const change = new StreamChange(transaction, exceptSocketId);
      return { result: await body(change), change };
    });
    this.bus.publish(change);
    return result;
  }
}
