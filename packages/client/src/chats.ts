import type { Chat, ChatId, InvitedChat } from '@natter/protocol';
import { type ChatContext, ChatHandle } from './chat.js';
import type { GroupToCreate } from './outbox/outbox-item.js';
import { invalid } from './errors.js';
import { newId, toChatId, toUserId } from './ids.js';
import { isSameList, type Readable, select } from './readable.js';
import { unhurried } from './settlements.js';
import type { ChatItem } from './views/chat-item.js';
import type { ListFilter } from './views/views.js';

export interface NewGroup {
  readonly title: string;
  readonly memberIds?: readonly string[];
  readonly visibility?: GroupToCreate['visibility'];
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

/** The user's chats. */
export class Chats {
  private readonly handles = new Map<ChatId, ChatHandle>();

  constructor(private readonly context: ChatContext) {}

  /** A live list: pinned ones first, then the most recently active. */
  list({ filter = 'all' }: { readonly filter?: ListFilter } = {}): Readable<readonly ChatItem[]> {
    const { brain, views } = this.context;
    return select(brain.model, () => views.chats(filter), isSameList);
  }

  /** The chat with an id; the same object each time. It may be one that is not known yet. */
  open(id: string): ChatHandle {
    const chatId = toChatId(id);
    const known = this.handles.get(chatId);
    if (known) return known;
    const handle = new ChatHandle(chatId, this.context);
    this.handles.set(chatId, handle);
    return handle;
  }

  /**
   * The direct chat with a user, made if there is none yet. With oneself it is a place for notes.
   *
   * @throws {ChatError} `NOT_FOUND` where there is no such user; at once where the server cannot be reached.
   */
  async createDirect(userId: string): Promise<ChatHandle> {
    return this.open(await this.context.brain.openDirect(toUserId(userId)));
  }

  /** Makes a group, through the outbox. Resolves when the server has it, which may be when it is online again. */
  createGroup({ title, memberIds = [], visibility }: NewGroup): Promise<ChatHandle> {
    const id = newId();
    const created = this.context.settlements.of(id);
    const input = { title, memberIds: memberIds.map(toUserId), visibility };
    this.context.brain.order({ id, operation: { command: 'createGroup', input } });
    return unhurried(
      created.then(({ chat }) => {
        if (!chat) throw invalid('The server answered without the group');
        return this.open(chat.id);
      }),
    );
  }

  /**
   * Joins a public group, or a group by an invite. Of one's own chats it is the chat as it is.
   *
   * @throws {ChatError} `NOT_FOUND` where there is none, or the invite has ended.
   */
  async join(chatId: string, inviteCode?: string): Promise<ChatHandle> {
    const id = toChatId(chatId);
    return this.open(await this.context.brain.joinChat({ chatId: id, inviteCode, limit: 50 }));
  }

  /** What an invite leads to; `join` takes both. */
  invitation(inviteCode: string): Promise<InvitedChat> {
    return this.context.brain.request('getInvite', { params: { code: inviteCode } });
  }

  /** A page of all public groups, or of those that fit a query, joined or not. */
  publicGroups(
    options: { readonly query?: string; readonly cursor?: string } = {},
  ): Promise<Page<Chat>> {
    return this.context.brain.request('listChats', { query: { ...options, filter: 'public' } });
  }

  /** A page of the user's chats that fit a query, the best first, by the server's search. */
  search(query: string, cursor?: string): Promise<Page<Chat>> {
    return this.context.brain.request('listChats', { query: { query, cursor } });
  }
}
