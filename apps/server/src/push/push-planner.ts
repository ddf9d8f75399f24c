import type { ChatId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { LiveDevices } from '../presence/live-devices.js';
import { Bus } from '../streams/bus.js';
import type { CommittedChatEntry, Heads } from '../streams/commit.js';
import { Tail } from '../streams/tail.js';
import { type Candidate, type PlannedAlert, PlanningRepository } from './planning.repository.js';
import { PushSender } from './push-sender.js';

/** What comes within it is planned together. */
const GATHERING_MS = 100;
/** After a failure. */
const RETRY_MS = 1000;
const BATCH_CHATS = 200;
const BEHIND_PAGE = 500;
/** With more chats waiting, as while the database is away, they are looked for in the database instead. */
const MOST_PENDING = 20_000;

function isPersonal({ entry }: CommittedChatEntry): boolean {
  return 'kind' in entry.payload && entry.payload.kind !== 'system';
}

/**
 * Settles who is to be alerted of what was committed, outside of every send. The bus says at once which chats have moved,
 * the tail says it for certain, and each chat's position in the database says what is settled: each entry once, by one
 * node, also where another died over it.
 */
@Injectable()
export class PushPlanner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** Chats that have moved, with the entry before the first new one. */
  private readonly pending = new Map<ChatId, number>();
  private isBehind = true;
  private readonly planning: Sweep;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) logger: Logger,
    private readonly database: Database,
    private readonly repository: PlanningRepository,
    private readonly liveDevices: LiveDevices,
    private readonly sender: PushSender,
    private readonly bus: Bus,
    private readonly tail: Tail,
  ) {
    const failure = 'unable to plan pushes; trying again';
    this.planning = new Sweep(logger, failure, () => this.run());
  }

  onApplicationBootstrap(): void {
    this.bus.subscribe(({ chatEntries }, origin) => {
      for (const entry of chatEntries)
        if (isPersonal(entry)) this.note(entry.chatId, entry.seq - 1);
      // The node that committed it plans it; where that died, the tail wakes this one.
      if (origin === 'here') this.wake();
    });
    this.tail.subscribe({
      advanced: ({ chats }: Heads) => {
        for (const [chatId, seq] of chats) this.note(chatId, seq - 1);
        this.wake();
      },
      interrupted: () => {
        this.isBehind = true;
        this.wake();
      },
    });
    this.planning.request();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.planning.stop();
  }

  private note(chatId: ChatId, after: number): void {
    this.pending.set(chatId, Math.min(after, this.pending.get(chatId) ?? after));
    if (this.pending.size <= MOST_PENDING) return;
    this.pending.clear();
    this.isBehind = true;
  }

  private wake(): void {
    if (this.pending.size > 0 || this.isBehind) this.planning.requestIn(GATHERING_MS);
  }

  private async run(): Promise<void> {
    try {
      if (!(await this.repository.hasSubscriptions())) {
        this.pending.clear();
        this.isBehind = false;
        return;
      }
      if (this.isBehind) await this.findBehind();
      while (this.pending.size > 0 && !this.planning.isStopping) {
        await this.planSome(new Map([...this.pending].slice(0, BATCH_CHATS)));
      }
    } catch (error) {
      this.planning.requestIn(RETRY_MS);
      throw error;
    }
  }

  private async findBehind(): Promise<void> {
    let after: ChatId | undefined;
    do {
      const chatIds = await this.repository.behind(after, BEHIND_PAGE);
      // They have positions, before which nothing is.
      await this.planSome(new Map(chatIds.map((chatId) => [chatId, 0])));
      after = chatIds.length < BEHIND_PAGE ? undefined : chatIds.at(-1);
    } while (after !== undefined && !this.planning.isStopping);
    this.isBehind = false;
  }

  private async planSome(chats: ReadonlyMap<ChatId, number>): Promise<void> {
    if (chats.size === 0) return;
    // Taken out before they are read: what is committed from here on puts them in again.
    for (const chatId of chats.keys()) this.pending.delete(chatId);
    try {
      const planned = await this.plan(chats);
      if (planned > 0) this.sender.wake();
    } catch (error) {
      for (const [chatId, after] of chats) this.note(chatId, after);
      throw error;
    }
  }

  /** Resolves with how many alerts it planned. */
  private plan(chats: ReadonlyMap<ChatId, number>): Promise<number> {
    return this.database.transaction().execute(async (queries) => {
      const ranges = await this.repository.claim(queries, chats);
      if (ranges.length === 0) return 0;
      const { ttlSeconds } = this.config.push;
      const candidates = await this.repository.candidates(queries, ranges, ttlSeconds);
      const alerts = candidates.flatMap((candidate) => this.alertOf(candidate));
      await this.repository.plan(queries, alerts);
      await this.repository.settle(queries, ranges);
      return alerts.length;
    });
  }

  /** A device that is connected gets everything live, and one of somebody who is there waits whether he sees it. */
  private alertOf(candidate: Candidate): PlannedAlert[] {
    const { user_id: userId, device_id: deviceId } = candidate;
    if (this.liveDevices.has({ userId, deviceId })) return [];
    return [
      { ...candidate, delayMs: this.liveDevices.hasAnyOf(userId) ? this.config.push.graceMs : 0 },
    ];
  }
}
