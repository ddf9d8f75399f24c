import { type Chat, type ChatFilter, ChatId, type ListChatsQuery, Seq } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { Cursors } from '../cursors/cursors.js';
import type { Caller } from '../identity/caller.js';
import { ChatListRepository, type ListPage, type ListRequest } from './chat-list.repository.js';
import { toPublicChat } from './chats.mapper.js';
import { ChatsService } from './chats.service.js';

const ListPosition = z.object({
  after: z.object({
    id: ChatId,
    rank: z.int(),
    isPinned: z.boolean(),
    lastActivityAt: z.string(),
  }),
  userSeq: Seq,
});

/** The list that a user opens his client with, and the directory of public groups. */
@Injectable()
export class ChatListService {
  constructor(
    private readonly lists: ChatListRepository,
    private readonly chats: ChatsService,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Pinned chats first, then the most recently active; by query, those whose name fits best.
   *
   * @throws {NatterError} `INVALID` for a cursor of another user, filter or query.
   */
  async list(
    caller: Caller,
    { query: typed, filter, cursor, limit }: ListChatsQuery,
  ): Promise<{ items: Chat[]; nextCursor?: string }> {
    const query = typed?.trim() || undefined;
    const cursors = this.cursors.of('chats', caller.userId, ListPosition, filter, query);
    const start = cursors.open(cursor);
    const page = await this.page(caller, filter, { query, start, limit: limit + 1 });
    const { shown, next } = cursors.page(page.places, limit, (after) => ({
      after,
      userSeq: start?.userSeq ?? page.userSeq,
    }));
    const chats = await this.read(
      caller,
      filter,
      shown.map(({ id }) => id),
    );
    return {
      // One that was left between the two queries is simply not there any more.
      items: shown.flatMap(({ id }) => chats.get(id) ?? []),
      ...next,
    };
  }

  private page(caller: Caller, filter: ChatFilter, request: ListRequest): Promise<ListPage> {
    return filter === 'public'
      ? this.lists.directory(request)
      : this.lists.own(caller.userId, filter, request);
  }

  /** The chats as the caller sees them: in the directory, those he is not in by their description alone (CHAT-3). */
  private async read(
    caller: Caller,
    filter: ChatFilter,
    chatIds: readonly ChatId[],
  ): Promise<Map<ChatId, Chat>> {
    const chats = await this.chats.readOwn(caller.userId, chatIds);
    if (filter !== 'public') return chats;
    const others = await this.lists.publicGroups(chatIds.filter((id) => !chats.has(id)));
    return new Map([...chats, ...others.map((row) => [row.id, toPublicChat(row)] as const)]);
  }
}
