import { createHash } from 'node:crypto';
import { type Chat, type ChatFilter, ChatId, type ListChatsQuery, Seq } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { Cursors } from '../cursors/cursors.js';
import { invalid } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import {
  ChatListRepository,
  type ListPage,
  type ListRequest,
  type ListStart,
} from './chat-list.repository.js';
import { toPublicChat } from './chats.mapper.js';
import { ChatsService } from './chats.service.js';

const ListPosition = z.object({
  /** Which list it is a position of. */
  list: z.string(),
  after: z.object({
    id: ChatId,
    rank: z.int(),
    pinnedAt: z.optional(z.string()),
    lastActivityAt: z.string(),
  }),
  userSeq: Seq,
});
type ListPosition = z.output<typeof ListPosition>;

/** A short name of the list that a filter and a query make, however long the query is. */
function listOf(filter: ChatFilter, query: string | undefined): string {
  const content = JSON.stringify([filter, query ?? '']);
  return createHash('sha256').update(content).digest('base64url').slice(0, 16);
}

/** The list that a user opens his client with, and the directory of public groups. */
@Injectable()
export class ChatListService {
  constructor(
    private readonly lists: ChatListRepository,
    private readonly chats: ChatsService,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Pinned chats first, the newest pinned on top, then the most recently active; by query, those whose name fits best.
   *
   * @throws {NatterError} `INVALID` for a cursor of another user, filter or query.
   */
  async list(
    caller: Caller,
    { query: typed, filter, cursor, limit }: ListChatsQuery,
  ): Promise<{ items: Chat[]; nextCursor?: string }> {
    const query = typed?.trim() || undefined;
    const list = listOf(filter, query);
    const start = cursor === undefined ? undefined : this.open(caller, list, cursor);
    const page = await this.page(caller, filter, { query, start, limit: limit + 1 });
    const shown = page.places.slice(0, limit);
    const after = shown.at(-1);
    const chats = await this.read(
      caller,
      filter,
      shown.map(({ id }) => id),
    );
    return {
      // One that was left between the two queries is simply not there any more.
      items: shown.flatMap(({ id }) => chats.get(id) ?? []),
      ...(after &&
        page.places.length > limit && {
          nextCursor: this.cursors.seal('chats', caller.userId, {
            list,
            after,
            userSeq: start?.userSeq ?? page.userSeq,
          } satisfies ListPosition),
        }),
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

  private open(caller: Caller, list: string, cursor: string): ListStart {
    const position = this.cursors.open('chats', caller.userId, ListPosition, cursor);
    if (position.list !== list) throw invalid('cursor', 'is of another filter or query');
    return position;
  }
}
