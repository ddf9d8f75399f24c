import { ChatRemoved, type UserEntry, type UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { ChatsService } from '../chats/chats.service.js';
import type { CommittedUserEvent } from '../streams/commit.js';

const RemovalDetails = z.pick(ChatRemoved, { reason: true });

/** Makes what is stored of a user's own stream into the events that he gets, with today's content. */
@Injectable()
export class UserEntriesService {
  constructor(private readonly chats: ChatsService) {}

  /**
   * The events in the order given. Those without a meaning by now are left out: a chat that was left since it was
   * added, and what a newer version stored.
   */
  async render(reader: UserId, events: readonly CommittedUserEvent[]): Promise<UserEntry[]> {
    const addedIds = events.flatMap(({ event, chatId }) =>
      event === 'chatAdded' && chatId ? [chatId] : [],
    );
    const chats = await this.chats.readOwn(reader, [...new Set(addedIds)]);
    return events.flatMap(({ event, userSeq, chatId, details }): UserEntry[] => {
      if (chatId === null) return [];
      if (event === 'chatAdded') {
        const chat = chats.get(chatId);
        return chat ? [{ event, payload: { userSeq, chat } }] : [];
      }
      const removal = z.safeParse(RemovalDetails, details);
      return event === 'chatRemoved' && removal.success
        ? [{ event, payload: { userSeq, chatId, reason: removal.data.reason } }]
        : [];
    });
  }
}
