import type { ChatId, UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { CONFIG, type Config } from '../config/config.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Bus } from '../streams/bus.js';
import type { Commit } from '../streams/commit.js';
import { AlertsRepository } from './alerts.repository.js';
import { PushSender } from './push-sender.js';

/** What comes within it is looked at together. */
const GATHERING_MS = 500;
/** How often everything is looked at: what the bus lost is found then. */
const INTERVAL_MS = 10 * 60_000;
const BATCH = 1000;
/** With more waiting, as while the database is away, everything is looked at instead. */
const MOST_PENDING = 20_000;

/** After these something may be over for the user in the chat. */
const ENDINGS: ReadonlySet<string> = new Set(['chatRemoved', 'chatCleared', 'messageHidden']);

/** Finds alerts that are over: read on another device, deleted, hidden, or of a chat that was left. */
@Injectable()
export class PushCloser implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly members = new Map<string, { chatId: ChatId; userId: UserId }>();
  private readonly chats = new Set<ChatId>();
  private readonly reviewing: Sweep;
  private readonly cleaning: Sweep;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
    private readonly alerts: AlertsRepository,
    private readonly sender: PushSender,
    private readonly bus: Bus,
  ) {
    const failure = 'unable to look for alerts that are over; trying again';
    this.reviewing = new Sweep(logger, failure, () => this.review());
    this.cleaning = new Sweep(logger, failure, () => this.reviewEverything());
  }

  onApplicationBootstrap(): void {
    this.bus.subscribe((commit) => this.note(commit));
    this.cleaning.start(INTERVAL_MS, 'atOnce');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.reviewing.stop(), this.cleaning.stop()]);
  }

  private note({ markMoves, chatEntries, userEvents }: Commit): void {
    for (const { chatId, userId, seenBefore, seenSeq } of markMoves)
      if (seenSeq > seenBefore) this.members.set(`${chatId}:${userId}`, { chatId, userId });
    for (const { userId, chatId, event } of userEvents)
      if (chatId && ENDINGS.has(event)) this.members.set(`${chatId}:${userId}`, { chatId, userId });
    for (const { chatId, entry } of chatEntries)
      if (entry.event === 'messageDeleted') this.chats.add(chatId);
    if (this.members.size + this.chats.size > 0) this.reviewing.requestIn(GATHERING_MS);
  }

  private async review(): Promise<void> {
    const members = [...this.members.values()];
    const chats = [...this.chats];
    this.members.clear();
    this.chats.clear();
    if (members.length + chats.length > MOST_PENDING) {
      this.cleaning.request();
      return;
    }
    const ofMembers =
      members.length === 0
        ? 0
        : await this.alerts.reviewUsers(
            members.map(({ chatId }) => chatId),
            members.map(({ userId }) => userId),
          );
    const ofChats = chats.length === 0 ? 0 : await this.alerts.reviewChats(chats);
    if (ofMembers + ofChats > 0) this.sender.wake();
  }

  private async reviewEverything(): Promise<void> {
    const over = await this.cleaning.inBatches(BATCH, (size) => this.alerts.reviewAll(size));
    if (over > 0) this.sender.wake();
    const { ttlSeconds } = this.config.push;
    await this.cleaning.inBatches(BATCH, (size) => this.alerts.forgetOld(ttlSeconds, size));
  }
}
