import {
  ChatId,
  type CommandInput,
  pageLimits,
  Seq,
  type SyncOutput,
  type UserId,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import type { Caller } from '../identity/caller.js';
import { Cursors } from '../cursors/cursors.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Installation } from '../database/installation.js';
import { Metrics } from '../metrics/metrics.js';
import { LogRepository } from '../streams/log.repository.js';
import { joinSkipped, pageOf } from '../streams/stream-row.js';
import { toStatusEntries } from './sync.mapper.js';
import { type Position, SyncRepository } from './sync.repository.js';
import { UserEntriesService } from './user-entries.service.js';

const TransactionId = z.string().check(z.regex(/^\d+$/));
const FIRST_CHAT = z.parse(ChatId, '00000000-0000-0000-0000-000000000000');

/**
 * How far a client has got. A run of pages begins at `since` and pins `until`, from where the next run goes on: first
 * the user's own stream, then his chats one by one, then the marks in them. `chat` is there once the run has come to the
 * chats, `marks` once it has come to the marks: the last chat of which they were told.
 */
const Progress = z.object({
  identity: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.int(),
  since: TransactionId,
  until: z.optional(TransactionId),
  userSeq: Seq,
  chat: z.optional(z.object({ chatId: ChatId, seq: Seq })),
  marks: z.optional(ChatId),
});
type Progress = z.output<typeof Progress>;

/** A run that has begun. */
type Run = Progress & { readonly until: string };

/** Everything that was committed since a cursor, page by page (SYNC-1). */
@Injectable()
export class SyncService {
  constructor(
    private readonly installation: Installation,
    private readonly repository: SyncRepository,
    private readonly log: LogRepository,
    private readonly userEntries: UserEntriesService,
    private readonly cursors: Cursors,
    private readonly metrics: Metrics,
    private readonly clock: DatabaseClock,
  ) {}

  async sync(caller: Caller, input: CommandInput<'sync'>): Promise<SyncOutput> {
    const answer = await this.answer(caller, input);
    this.metrics.syncAnswered(answer.entries.length);
    return answer;
  }

  private async answer(
    caller: Caller,
    { cursor, limit }: CommandInput<'sync'>,
  ): Promise<SyncOutput> {
    const { userId } = caller;
    if (cursor === undefined) return this.startOver(userId, await this.repository.position(userId));
    const cursors = this.cursors.of('sync', userId, Progress);
    const held = cursors.peek(cursor);
    // A cursor of another database cannot be checked where that has another secret; nothing is read by it.
    const isForeign = held !== undefined && !this.isHere(held);
    const progress = isForeign ? undefined : cursors.open(cursor);
    const now = await this.repository.position(userId);
    if (!progress || this.isStale(progress, now)) return this.startOver(userId, now);
    const { until } = progress;
    if (until !== undefined) return this.page(caller, { ...progress, until }, limit);
    const first = await this.page(caller, { ...progress, until: now.oldestOpen }, limit);
    // What fits on one page need not be counted: in a storm of reconnects that is nearly everything.
    const isTooMuch = first.hasMore && (await this.isTooMuch(userId, progress));
    return isTooMuch ? this.startOver(userId, now) : first;
  }

  private isHere({ identity }: Progress): boolean {
    return identity === this.installation.identity;
  }

  /** More than a client is given to catch up with (SYNC-1). */
  private async isTooMuch(userId: UserId, { since }: Progress): Promise<boolean> {
    const { syncEntries } = pageLimits;
    return (await this.repository.countSince(userId, since, syncEntries + 1)) > syncEntries;
  }

  private startOver(userId: UserId, now: Position): SyncOutput {
    const cursor = this.seal(userId, { since: now.oldestOpen, userSeq: now.userSeq });
    return { entries: [], cursor, hasMore: false, reset: true };
  }

  /** The next entries of a run, from wherever it has come to. */
  private async page(caller: Caller, run: Run, limit: number): Promise<SyncOutput> {
    const { userId } = caller;
    const { since, until, startedAt } = run;
    const more = (entries: SyncOutput['entries'], progress: Partial<Progress>): SyncOutput => ({
      entries,
      cursor: this.seal(userId, { since, until, userSeq: run.userSeq, ...progress }, startedAt),
      hasMore: true,
      reset: false,
    });
    const hasEvents = run.chat === undefined && run.marks === undefined;
    const events = hasEvents ? await this.log.userEvents(userId, run.userSeq, limit) : [];
    const userSeq = events.at(-1)?.userSeq ?? run.userSeq;
    const entries: SyncOutput['entries'] = await this.userEntries.render(caller, events);
    if (events.length === limit) return more(entries, { userSeq });

    if (run.marks === undefined) {
      const room = limit - events.length;
      const from = run.chat ?? { chatId: FIRST_CHAT, seq: 0 };
      const rows = await this.repository.entriesSince(userId, since, userSeq, from, room + 1);
      const shown = pageOf(rows, room);
      entries.push(...joinSkipped(await this.log.render(userId, shown)));
      const last = shown.at(-1);
      if (rows.length > shown.length && last) {
        return more(entries, { userSeq, chat: { chatId: last.chat_id, seq: last.seq } });
      }
    }

    const marks = await this.repository.marksSince(userId, since, userSeq, run.marks ?? FIRST_CHAT);
    const told = toStatusEntries(marks);
    const shown = told.slice(0, limit - entries.length);
    entries.push(...shown);
    if (told.length > shown.length) {
      return more(entries, { userSeq, marks: shown.at(-1)?.payload.chatId ?? FIRST_CHAT });
    }
    const cursor = this.seal(userId, { since: until, userSeq });
    return { entries, cursor, hasMore: false, reset: false };
  }

  private seal(
    userId: UserId,
    progress: Omit<Progress, 'identity' | 'startedAt'>,
    startedAt: number = this.clock.now(),
  ): string {
    const { identity } = this.installation;
    return this.cursors.of('sync', userId, Progress).seal({ ...progress, identity, startedAt });
  }

  /**
   * Further behind in time or on the own stream than what is kept for clients (`UserEventsRetention`), or from a future
   * that a restore took back.
   */
  private isStale({ since, startedAt, userSeq }: Progress, now: Position): boolean {
    const { syncAgeMs, syncEntries } = pageLimits;
    const isFromTheFuture = BigInt(since) > BigInt(now.next) || userSeq > now.userSeq;
    const isTooOld = this.clock.now() - startedAt > syncAgeMs;
    return isFromTheFuture || isTooOld || now.userSeq - userSeq > syncEntries;
  }
}
