import type { ChatId, CommandInput, MessageId, MessageReceipts, UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { MessagesPolicy } from '../messages/messages.policy.js';
import { MarksWriter } from './marks-writer.js';
import { ReceiptsRepository } from './receipts.repository.js';

/** How long it is known when a mark was moved; the marks themselves stay. */
const HISTORY_DAYS = 90;
const SWEEP_INTERVAL_MS = 10 * 60_000;
const SWEEP_BATCH = 5000;

/** What a caller has received and seen of a chat. */
export interface Marks {
  readonly deliveredSeq?: number | undefined;
  readonly seenSeq?: number | undefined;
}

/** What was delivered to whom, and who has seen it: high-water marks that only go ahead (RCPT-1). */
@Injectable()
export class ReceiptsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweep: Sweep;

  constructor(
    @Inject(LOGGER) logger: Logger,
    private readonly policy: MessagesPolicy,
    private readonly receipts: ReceiptsRepository,
    private readonly writer: MarksWriter,
  ) {
    const failure = 'unable to clean up old receipts; trying again';
    this.sweep = new Sweep(logger, failure, () =>
      this.sweep.inBatches(SWEEP_BATCH, (size) => this.receipts.forgetHistory(HISTORY_DAYS, size)),
    );
  }

  onApplicationBootstrap(): void {
    this.sweep.start(SWEEP_INTERVAL_MS, 'later');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweep.stop();
  }

  /**
   * Moves the caller's marks in a chat; those that are not ahead change nothing. Who may is judged where they are moved.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers, `INVALID` beyond the chat's `lastSeq`.
   */
  async mark(
    caller: Caller,
    chatId: ChatId,
    { deliveredSeq = 0, seenSeq = 0 }: Marks,
  ): Promise<void> {
    const mark = { chatId, userId: caller.userId, deliveredSeq, seenSeq };
    const isOverRate = caller.overRate === true;
    const outcome = await this.writer.move(mark, caller.socketId, isOverRate);
    if (outcome === 'notMember') throw new NatterError('NOT_FOUND');
    if (outcome === 'beyond') {
      throw invalid(seenSeq >= deliveredSeq ? 'seenSeq' : 'deliveredSeq', 'is past the chat');
    }
  }

  /** The same by a message or by a `seq`, as the commands name it. */
  async markUpTo(
    caller: Caller,
    { chatId, seq, messageId }: CommandInput<'messageSeen'>,
    status: 'deliveredSeq' | 'seenSeq',
  ): Promise<void> {
    if (messageId !== undefined) {
      const { message } = await this.policy.requireVisible(caller, { messageId, chatId });
      await this.mark(caller, message.chat_id, { [status]: message.seq });
    } else if (chatId !== undefined && seq !== undefined) {
      await this.mark(caller, chatId, { [status]: seq });
    }
  }

  /** To whom a message was delivered and who has seen it, the earliest first. */
  async of(caller: Caller, messageId: MessageId): Promise<MessageReceipts> {
    const { message } = await this.policy.requireVisible(caller, { messageId });
    const rows = await this.receipts.receipts(caller.userId, message);
    return {
      delivered: byTime(rows.map((row) => ({ userId: row.user_id, at: row.delivered_at }))),
      seen: byTime(rows.map((row) => ({ userId: row.user_id, at: row.seen_at }))),
    };
  }
}

function byTime(receipts: readonly { userId: UserId; at: Date | null }[]): MessageReceipts['seen'] {
  return receipts
    .flatMap(({ userId, at }) => (at ? [{ userId, at: at.toISOString() }] : []))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
