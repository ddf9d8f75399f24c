import type { Chat as ChatAnswer } from '@natter/protocol';
import { dataOf, type LiveDevice } from './live-device.js';
import { requireEqual } from './mismatch.js';
import type { Names } from './names.js';
import { chatView, memberView, membersInOrder, messageView, unreadCount } from './views.js';
import { type Chat, isVisible, memberOf, messagesOf, type World } from './world.js';

/** What comes in pages by cursor: the numbers decide how long they are. */
export class ListChecks {
  constructor(
    private readonly world: World,
    private readonly names: Names,
    private readonly device: LiveDevice,
    private readonly reader: string,
  ) {}

  async chats(numbers: () => number): Promise<void> {
    const chats = this.world.chatsOf(this.reader);
    const isArchived = (chat: Chat) => memberOf(chat, this.reader).archived;
    const isUnread = (chat: Chat) =>
      unreadCount(chat, this.reader) > 0 || memberOf(chat, this.reader).markedUnread;
    const filters = {
      all: chats.filter((chat) => !isArchived(chat)),
      unread: chats.filter((chat) => !isArchived(chat) && isUnread(chat)),
      archived: chats.filter(isArchived),
    };
    for (const [filter, expected] of Object.entries(filters)) {
      const what = `the list ${filter} of ${this.reader}`;
      const items = (await this.pages('listChats', {}, { filter }, numbers)) as ChatAnswer[];
      const shown = this.names.toNames(items) as { id: string }[];
      requireEqual(
        shown.toSorted(byId),
        expected.map((chat) => chatView(this.world, chat, this.reader)).toSorted(byId),
        what,
      );
      requireEqual(
        items.map(({ id }) => id),
        items.toSorted(byPlace).map(({ id }) => id),
        `${what}: its order`,
      );
    }
  }

  async members(chat: Chat, numbers: () => number): Promise<void> {
    const items = await this.pages('listMembers', { id: chat.name }, {}, numbers);
    const expected = membersInOrder(chat).map(([user, member]) =>
      memberView(this.world, user, member, this.reader),
    );
    requireEqual(
      this.names.toNames(items),
      expected,
      `the members of ${chat.name} for ${this.reader}`,
    );
  }

  async pins(chat: Chat, numbers: () => number): Promise<void> {
    const pinned = messagesOf(chat)
      .filter((message) => message.pinnedAt !== undefined && isVisible(message, this.reader))
      .toSorted((a, b) => Number(b.pinnedAt) - Number(a.pinnedAt));
    const items = await this.pages('listPins', { id: chat.name }, {}, numbers);
    requireEqual(
      this.names.toNames(items),
      pinned.map((message) => messageView(message, this.reader)),
      `the pins of ${chat.name} for ${this.reader}`,
    );
  }

  async stars(numbers: () => number): Promise<void> {
    const starred = this.world
      .chatsOf(this.reader)
      .flatMap(messagesOf)
      .filter((message) => message.starredBy.has(this.reader) && isVisible(message, this.reader))
      .toSorted(
        (a, b) => Number(b.starredBy.get(this.reader)) - Number(a.starredBy.get(this.reader)),
      );
    const items = await this.pages('listStars', {}, {}, numbers);
    requireEqual(
      this.names.toNames(items),
      starred.map((message) => messageView(message, this.reader)),
      `the stars of ${this.reader}`,
    );
  }

  async blocks(numbers: () => number): Promise<void> {
    const blocked = [...this.world.user(this.reader).blocks].toSorted(([, a], [, b]) => b - a);
    requireEqual(
      this.names.toNames(await this.pages('listBlocks', {}, {}, numbers)),
      blocked.map(([user]) => user),
      `the blocks of ${this.reader}`,
    );
  }

  private async pages(
    route: 'listChats' | 'listMembers' | 'listPins' | 'listStars' | 'listBlocks',
    params: Record<string, string>,
    query: Record<string, string>,
    numbers: () => number,
  ): Promise<unknown[]> {
    const items: unknown[] = [];
    for (let cursor: string | undefined; ;) {
      const limit = 1 + (numbers() % 8);
      const answer = await this.device.request(route, {
        params,
        query: { ...query, limit, ...(cursor !== undefined && { cursor }) },
      });
      const page = dataOf(answer, `${route} of ${this.reader}`) as {
        items: unknown[];
        nextCursor?: string;
      };
      items.push(...page.items);
      cursor = page.nextCursor;
      if (cursor === undefined) return items;
    }
  }
}

function byId(a: { id?: unknown }, b: { id?: unknown }): number {
  return String(a.id) < String(b.id) ? -1 : 1;
}

/** Pinned chats first, then the most recently active, then by id, descending (CHAT-4). */
function byPlace(a: ChatAnswer, b: ChatAnswer): number {
  const key = ({ me, lastActivityAt, id }: ChatAnswer) =>
    `${me?.pinnedAt === undefined ? 0 : 1} ${lastActivityAt} ${id}`;
  return key(a) < key(b) ? 1 : -1;
}
