import type { MessageKind, SearchPage } from '@natter/protocol';
import type { Brain } from './engine/brain.js';
import { toChatId, toUserId } from './ids.js';

/** Which messages are searched; all of it must fit. */
export interface SearchFilters {
  readonly chatId?: string | undefined;
  readonly senderId?: string | undefined;
  readonly kind?: MessageKind | undefined;
  /** ISO 8601, included. */
  readonly since?: string | undefined;
  /** ISO 8601, not included. */
  readonly until?: string | undefined;
  /** Of the page before. */
  readonly cursor?: string | undefined;
  /** 1 to 100; 50 where it is not given. */
  readonly limit?: number | undefined;
}

/** Searches on the server, in all that the user may see. */
export class Search {
  constructor(private readonly brain: Brain) {}

  /**
   * A page of the messages that fit a query, the newest first. Where it is `partial`, the server gave up before it had
   * looked at everything, and its `nextCursor` goes on from there.
   */
  messages(query: string, filters: SearchFilters = {}): Promise<SearchPage> {
    const { chatId, senderId, ...others } = filters;
    return this.brain.request('searchMessages', {
      query: {
        ...others,
        query,
        chatId: chatId === undefined ? undefined : toChatId(chatId),
        senderId: senderId === undefined ? undefined : toUserId(senderId),
      },
    });
  }
}
