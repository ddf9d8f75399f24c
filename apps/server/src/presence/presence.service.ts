import { UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import type { Logger } from 'pino';
import * as z from 'zod/mini';
import { LOGGER } from '../logging/logger.js';
import { Relay } from '../relay/relay.js';
import { toSender } from '../streams/message-row.js';
import { Signals } from '../signals/signals.js';
import { Connections } from './connections.js';
import { OnlineUsers } from './online-users.js';
import { type Audience, PresenceRepository } from './presence.repository.js';

/** Users of whom one round reads and tells. */
const ROUND = 500;
/** How long to wait where the database is away. */
const RETRY_MS = 1000;

const PresenceMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('changed'), userId: UserId, renamed: z.boolean() }),
  /** Also where a block is over. */
  z.object({ kind: z.literal('blocked'), userIds: z.tuple([UserId, UserId]) }),
]);
/** What nodes tell each other of, beside who is online. */
type PresenceMessage = z.output<typeof PresenceMessage>;

/**
 * Tells those who may know who is online, and who has another name (PRES-1). What others were told is compared with
 * what is so, round by round: of somebody who comes and goes meanwhile they are told what came of it, and whatever the
 * reason, online and offline alternate.
 */
@Injectable()
export class PresenceService implements OnModuleInit, BeforeApplicationShutdown {
  /** Who is to be looked at, and whether he has another name. */
  private readonly waiting = new Map<UserId, boolean>();
  /** Of whom others were last told that he is online. */
  private readonly shown = new Set<UserId>();
  private rounds: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly connections: Connections,
    private readonly online: OnlineUsers,
    private readonly repository: PresenceRepository,
    private readonly signals: Signals,
    private readonly relay: Relay,
  ) {}

  onModuleInit(): void {
    this.connections.subscribe({
      userCame: (userId) => this.online.arrive(userId),
      userGone: (userId) => this.online.leave(userId),
    });
    this.online.subscribe((userId) => void this.look(userId, false));
    this.relay.subscribe('presence', (message) => this.hear(message));
  }

  /** Nobody is told: all clients of this node are about to connect elsewhere. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    const lastSeen = this.online.close();
    await this.rounds;
    clearTimeout(this.retry);
    try {
      await this.repository.saveLastSeen(lastSeen);
    } catch (error) {
      this.logger.warn(
        { error },
        'unable to store when the users who are connected were last seen',
      );
    }
  }

  isOnline(userId: UserId): boolean {
    return this.online.has(userId);
  }

  /**
   * Has others told what they do not know yet of a user. Resolves when they were told, or when that has to wait for the
   * database. Never rejects.
   *
   * @param renamed Whether what a `Sender` shows of him is another.
   */
  refresh(userId: UserId, { renamed }: { renamed: boolean } = { renamed: false }): Promise<void> {
    this.tellOthers({ kind: 'changed', userId, renamed });
    return this.look(userId, renamed);
  }

  /** The same for the sockets of this node. */
  private look(userId: UserId, renamed: boolean): Promise<void> {
    this.waiting.set(userId, renamed || this.waiting.get(userId) === true);
    return this.run();
  }

  /**
   * Tells two users of each other what a block that came or went between them changes: while one stands, each of them is
   * offline to the other (BLOCK-1). Never rejects.
   */
  tellEachOther(one: UserId, other: UserId): Promise<void> {
    this.tellOthers({ kind: 'blocked', userIds: [one, other] });
    return this.tellPair(one, other);
  }

  private tellOthers(message: PresenceMessage): void {
    this.relay.send('presence', message);
  }

  /** Each node sees for itself what has changed, and tells its own sockets. */
  private hear(message: unknown): void {
    const { data: heard } = z.safeParse(PresenceMessage, message);
    if (heard?.kind === 'changed') void this.look(heard.userId, heard.renamed);
    if (heard?.kind === 'blocked') void this.tellPair(...heard.userIds);
  }

  private async tellPair(one: UserId, other: UserId): Promise<void> {
    try {
      const { told, blocked } = await this.repository.between(one, other);
      if (!told) return;
      for (const [userId, reader] of [
        [one, other],
        [other, one],
      ] as const) {
        if (!this.shown.has(userId)) continue;
        const to = { chatIds: [], toUserIds: [reader], exceptUserIds: [] };
        const lastSeenAt = new Date().toISOString();
        this.signals.publish(
          blocked
            ? { event: 'userOffline', payload: { userId, lastSeenAt }, ...to }
            : { event: 'userOnline', payload: { userId }, ...to },
        );
      }
    } catch (error) {
      this.logger.warn({ error }, 'unable to tell two users of each other');
    }
  }

  private run(): Promise<void> {
    this.rounds ??= this.runRounds();
    return this.rounds;
  }

  private async runRounds(): Promise<void> {
    // Those who come in the same moment are of one round.
    await Promise.resolve();
    clearTimeout(this.retry);
    while (this.waiting.size > 0 && !this.isStopping) {
      const round = new Map([...this.waiting].slice(0, ROUND));
      for (const userId of round.keys()) this.waiting.delete(userId);
      try {
        await this.tell(round);
      } catch (error) {
        this.logger.warn({ error }, 'unable to tell of the presence of users yet');
        for (const [userId, renamed] of round) {
          this.waiting.set(userId, renamed || this.waiting.get(userId) === true);
        }
        this.retry = setTimeout(() => void this.run(), RETRY_MS);
        break;
      }
    }
    // In the step that found nobody waiting: who comes after it begins anew.
    this.rounds = undefined;
  }

  private async tell(round: ReadonlyMap<UserId, boolean>): Promise<void> {
    const gone = new Map<UserId, Date>();
    for (const userId of round.keys()) {
      const leftAt = this.online.goneSince(userId);
      if (leftAt) gone.set(userId, leftAt);
    }
    // Before anybody is told, so that who asks then is answered the same.
    await this.repository.saveLastSeen(gone);
    const audiences = await this.repository.audiences([...round.keys()]);
    if (this.isStopping) return;
    for (const [userId, leftAt] of gone) this.online.release(userId, leftAt);
    for (const audience of audiences) {
      if (round.get(audience.id)) this.tellName(audience);
      this.tellPresence(audience, gone.get(audience.id));
    }
  }

  private tellName(audience: Audience): void {
    const { id, chat_ids: chatIds } = audience;
    const user = toSender(id, audience);
    const exceptUserIds = [id, ...audience.blocked_ids];
    this.signals.publish({ event: 'userUpdated', payload: { user }, chatIds, exceptUserIds });
  }

  private tellPresence(audience: Audience, leftAt: Date | undefined): void {
    const { id: userId, chat_ids: chatIds } = audience;
    const exceptUserIds = [userId, ...audience.blocked_ids];
    const isShown = audience.presence_privacy !== 'nobody' && this.online.has(userId);
    if (isShown === this.shown.has(userId)) return;
    if (isShown) {
      this.shown.add(userId);
      this.signals.publish({
        event: 'userOnline',
        payload: { userId },
        chatIds,
        exceptUserIds,
      });
      return;
    }
    this.shown.delete(userId);
    // Who hides while he is online was seen until this moment: it tells nothing that was not known.
    const lastSeenAt = (leftAt ?? new Date()).toISOString();
    const payload = { userId, lastSeenAt };
    this.signals.publish({ event: 'userOffline', payload, chatIds, exceptUserIds });
  }
}
