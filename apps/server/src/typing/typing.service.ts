import type { ChatId, Message, Typing, UserId } from '@natter/protocol';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import * as z from 'zod/mini';
import { ChatsPolicy } from '../chats/chats.policy.js';
import type { Caller } from '../identity/caller.js';
import { Connections } from '../presence/connections.js';
import { Signals } from '../signals/signals.js';
import { Bus } from '../streams/bus.js';
import { BlockDetails, type Commit, type CommittedChatEntry } from '../streams/commit.js';
import { UsersService } from '../users/users.service.js';
import { TypingTracker } from './typing-tracker.js';

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
    this.connections.subscribe({ deviceGone: (device) => this.tracker.stopDevice(device) });
    this.bus.subscribe((commit) => this.endBy(commit));
  }

  onApplicationShutdown(): void {
    this.tracker.clear();
  }

  /** @throws {NatterError} `NOT_FOUND` to strangers. */
  async start(caller: Caller, chatId: ChatId): Promise<void> {
    const permission = this.policy.requireMember(caller, chatId);
    await this.tracker.start({ ...caller, chatId }, permission, () =>
      this.users.blockedAround(caller.userId),
    );
  }

  /**
   * Does nothing where the caller does not type.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers.
   */
  async stop(caller: Caller, chatId: ChatId): Promise<void> {
    const permission = this.policy.requireMember(caller, chatId);
    // At once, so that no start overtakes it; of a stranger there is nothing to end.
    this.tracker.stop({ ...caller, chatId });
    await permission;
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
