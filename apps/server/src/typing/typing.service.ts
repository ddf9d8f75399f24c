import { ChatId, DeviceId, type Message, type Typing, UserId } from '@natter/protocol';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import * as z from 'zod/mini';
import type { Logger } from 'pino';
import { ChatsPolicy } from '../chats/chats.policy.js';
import type { Caller } from '../identity/caller.js';
import { LOGGER } from '../logging/logger.js';
import { Connections } from '../presence/connections.js';
import { Relay } from '../relay/relay.js';
import { Signals } from '../signals/signals.js';
import { Bus } from '../streams/bus.js';
import { BlockDetails, type Commit, type CommittedChatEntry } from '../streams/commit.js';
import { UsersService } from '../users/users.service.js';
import { TypingTracker } from './typing-tracker.js';

const OnDevice = { userId: UserId, deviceId: DeviceId };
const TypingMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    ...OnDevice,
    chatId: ChatId,
    /** Who is not told; absent where this node knew that already. */
    blockedIds: z.optional(z.readonly(z.array(UserId))),
  }),
  z.object({ kind: z.literal('stopped'), ...OnDevice, chatId: ChatId }),
  /** The last socket of the device. */
  z.object({ kind: z.literal('gone'), ...OnDevice }),
]);
/** What nodes tell each other of who types. */
type TypingMessage = z.output<typeof TypingMessage>;

function messageOf({ entry }: CommittedChatEntry): Message | undefined {
  return 'senderId' in entry.payload && entry.payload.kind !== 'system' ? entry.payload : undefined;
}

/** Lets the others in a chat know who types in it (TYP-1). Nothing of it is stored. */
@Injectable()
export class TypingService implements OnModuleInit, OnApplicationShutdown {
  private readonly tracker: TypingTracker;

  constructor(
    private readonly policy: ChatsPolicy,
    private readonly users: UsersService,
    private readonly connections: Connections,
    private readonly bus: Bus,
    private readonly relay: Relay,
    @Inject(LOGGER) private readonly logger: Logger,
    signals: Signals,
  ) {
    const of = (payload: Typing, exceptUserIds: readonly UserId[]) => ({
      payload,
      chatIds: [payload.chatId],
      exceptUserIds: [payload.userId, ...exceptUserIds],
    });
    this.tracker = new TypingTracker({
      // A loss is mended by the next one; that of a stop would leave him typing for good.
      typing: (typing, except) =>
        signals.publish({ event: 'typing', ...of(typing, except), mayBeLost: true }),
      stopTyping: (typing, except) =>
        signals.publish({ event: 'stopTyping', ...of(typing, except) }),
    });
  }

  onModuleInit(): void {
    this.connections.subscribe({ deviceGone: (device) => this.stopDevice(device) });
    this.relay.subscribe('typing', (message) => this.hear(message));
    this.bus.subscribe((commit) => this.endBy(commit));
  }

  onApplicationShutdown(): void {
    this.tracker.clear();
  }

  /** @throws {NatterError} `NOT_FOUND` to strangers. */
  async start(caller: Caller, chatId: ChatId): Promise<void> {
    const permission = this.policy.requireMember(caller, chatId);
    const { userId, deviceId } = caller;
    let blockedIds: readonly UserId[] | undefined;
    const isTyping = await this.tracker.start(
      { chatId, userId, deviceId },
      permission,
      async () => {
        blockedIds = await this.users.blockedAround(userId);
        return blockedIds;
      },
    );
    if (isTyping) this.tellOthers({ kind: 'started', chatId, userId, deviceId, blockedIds });
  }

  /**
   * Does nothing where the caller does not type.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers.
   */
  async stop(caller: Caller, chatId: ChatId): Promise<void> {
    const permission = this.policy.requireMember(caller, chatId);
    // At once, so that no start overtakes it; of a stranger there is nothing to end.
    const { userId, deviceId } = caller;
    this.tracker.stop({ chatId, userId, deviceId });
    await permission;
    this.tellOthers({ kind: 'stopped', chatId, userId, deviceId });
  }

  private stopDevice({ userId, deviceId }: Pick<Caller, 'userId' | 'deviceId'>): void {
    this.tracker.stopDevice({ userId, deviceId });
    this.tellOthers({ kind: 'gone', userId, deviceId });
  }

  private tellOthers(message: TypingMessage): void {
    this.relay.send('typing', message);
  }

  /** Each node keeps who types for itself, and tells its own sockets: so a node that dies leaves nobody typing. */
  private hear(message: unknown): void {
    const { data: heard } = z.safeParse(TypingMessage, message);
    if (!heard) return;
    if (heard.kind === 'gone') this.tracker.stopDevice(heard);
    else if (heard.kind === 'stopped') this.tracker.stop(heard);
    else void this.startAsHeard(heard);
  }

  private async startAsHeard(heard: Extract<TypingMessage, { kind: 'started' }>): Promise<void> {
    const { blockedIds, userId } = heard;
    try {
      await this.tracker.start(heard, Promise.resolve(), () =>
        blockedIds ? Promise.resolve(blockedIds) : this.users.blockedAround(userId),
      );
    } catch (error) {
      this.logger.debug({ error }, 'unable to tell who types on another node');
    }
  }

  /** A message ends the typing on the device that sent it, the end of a membership on all; a block, between the two. */
  private endBy({ chatEntries, userEvents }: Commit): void {
    for (const entry of chatEntries) {
      const message = messageOf(entry);
      if (!message) continue;
      const { chatId, senderId: userId, senderDeviceId: deviceId } = message;
      if (deviceId === undefined) this.tracker.stopChat({ chatId, userId });
      else this.tracker.stop({ chatId, userId, deviceId });
    }
    for (const { event, userId, chatId, details } of userEvents) {
      const block = event === 'userBlocked' ? z.safeParse(BlockDetails, details) : undefined;
      if (block?.success) this.tracker.block(userId, block.data.userId);
      if (event === 'chatRemoved' && chatId !== null) this.tracker.stopChat({ chatId, userId });
    }
  }
}
