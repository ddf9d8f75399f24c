import type {
  Chat,
  ChatEntry,
  CommandInput,
  CommandName,
  CommandOutput,
  Device,
  Message,
  MessageId,
  MessageStatusUpdated,
  User,
  UserEntry,
} from '@natter/protocol';
import type { ChatClientOptions } from '../client.js';
import { ChatError, unreachable } from '../errors.js';
import { newId, toDeviceId } from '../ids.js';
import type { RequestParts } from '../transport/http.js';
import type { Connect, ConnectionEvents } from '../transport/connection.js';
import { type FakeClock, fakeClock } from './fake-clock.js';
import { FakeChat, newUser, refuse } from './fake-chats.js';

interface Told {
  readonly event:
    | ChatEntry
    | UserEntry
    | { event: 'messageStatusUpdated'; payload: MessageStatusUpdated };
  readonly to: ReadonlySet<string>;
}

interface FakeConnection {
  readonly user: User;
  readonly events: ConnectionEvents;
  isOpen: boolean;
}

type Handlers = {
  readonly [K in CommandName]?: (
    connection: FakeConnection,
    input: CommandInput<K>,
  ) => CommandOutput<K>;
};

const BROKEN = {
  code: 'INTERNAL',
  message: 'The fake server is told to fail',
  retryable: true,
  requestId: 'fake',
} as const;

/** What goes wrong with a command, as often as it says. */
export interface Fault {
  readonly command: CommandName;
  /**
   * `refused`: it is answered with `error`. `lost`: nothing of it arrives. `unanswered`: it is carried out, and the answer
   * is lost. After the last two the connection ends.
   */
  readonly kind: 'refused' | 'lost' | 'unanswered';
  readonly error?: ConstructorParameters<typeof ChatError>[0];
  readonly times?: number;
}

/**
 * A server in memory, for tests of what is built on this package: accounts without passwords, direct chats and groups,
 * messages with edits, deletions and reactions, marks and typing. It keeps to the numbers of the real one, so that a client
 * cannot tell it apart; what it does not have it refuses as `INVALID`.
 */
export class FakeServer {
  readonly clock: FakeClock;
  /** Every command that arrived, in its order. */
  readonly received: { readonly command: CommandName; readonly input: unknown }[] = [];
  private readonly users = new Map<string, User>();
  private readonly chats: FakeChat[] = [];
  private readonly told: Told[] = [];
  private readonly connections = new Set<FakeConnection>();
  private readonly faults: { fault: Fault; left: number }[] = [];
  private readonly userSeqs = new Map<string, number>();
  private isDown = false;

  constructor({ clock = fakeClock() }: { readonly clock?: FakeClock } = {}) {
    this.clock = clock;
  }

  /** A new user, and the options by which a client is his. */
  addUser(username: string): { readonly user: User; readonly options: ChatClientOptions } {
    const user = newUser(username, this.now());
    this.users.set(user.id, user);
    return {
      user,
      options: {
        url: 'http://fake',
        auth: { getToken: () => Promise.resolve(user.id) },
        clock: this.clock,
        connect: this.connect,
        fetch: this.fetch,
      },
    };
  }

  addChat(members: readonly User[], title?: string): Chat {
    const chat = this.makeChat(members, title);
    return chat.view(members[0] ?? refuse('INVALID'));
  }

  /** Sends a message as a user who has no client. */
  send(sender: User, chatId: string, text: string): Message {
    const chat = this.chatOf(chatId, sender);
    const input = {
      chatId: chat.id,
      clientMessageId: newId(),
      text,
      mentions: undefined,
      replyToId: undefined,
    };
    const { message } = chat.send(sender, input, this.now());
    this.tell(chat.entries.at(-1), chat.members);
    return message;
  }

  /** The next commands of a kind go wrong. */
  fail(fault: Fault): void {
    this.faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Cuts all connections, of one user where one is named. */
  cut(user?: User): void {
    for (const connection of this.connections) {
      if (!user || connection.user.id === user.id) this.end(connection);
    }
  }

  /** Cuts all connections and lets no new one in, until `rise`. */
  fall(): void {
    this.isDown = true;
    this.cut();
  }

  rise(): void {
    this.isDown = false;
  }

  private readonly connect: Connect = async (_url, token, events) => {
    await Promise.resolve();
    const user = this.users.get(token);
    if (this.isDown) throw unreachable();
    if (!user) return refuse('UNAUTHENTICATED');
    const connection: FakeConnection = { user, events, isOpen: true };
    this.connections.add(connection);
    return {
      command: async (name, input) => {
        await Promise.resolve();
        return this.command(connection, name, input);
      },
      tell: (name, input) => {
        if (!connection.isOpen) return;
        this.received.push({ command: name, input });
        this.carryOut(connection, name, input);
      },
      close: () => this.connections.delete(connection),
    };
  };

  private command<K extends CommandName>(
    connection: FakeConnection,
    name: K,
    input: CommandInput<K>,
  ): CommandOutput<K> {
    if (!connection.isOpen) throw unreachable();
    const next = this.faults.find(({ fault, left }) => fault.command === name && left > 0);
    if (next) next.left -= 1;
    const { kind, error = BROKEN } = next?.fault ?? {};
    this.received.push({ command: name, input });
    if (kind === 'refused') throw new ChatError(error);
    if (kind === 'lost') {
      this.end(connection);
      throw unreachable();
    }
    const output = this.carryOut(connection, name, input);
    if (kind === 'unanswered') {
      this.end(connection);
      throw unreachable();
    }
    return output;
  }

  private end(connection: FakeConnection): void {
    if (!connection.isOpen) return;
    connection.isOpen = false;
    this.connections.delete(connection);
    queueMicrotask(() => connection.events.lost());
  }

  private carryOut<K extends CommandName>(
    connection: FakeConnection,
    name: K,
    input: CommandInput<K>,
  ): CommandOutput<K> {
    const handler: Handlers[K] = this.handlers[name];
    return handler
      ? handler(connection, input)
      : refuse('INVALID', `The fake server does not know ${name}`);
  }

  private readonly handlers: Handlers = {
    sync: ({ user }, { cursor, limit }) => this.sync(user, cursor, limit),
    sendMessage: (connection, input) => this.sent(connection, input),
    sendEncryptedMessage: (connection, input) => this.sent(connection, input),
    editMessage: (connection, { messageId, text }) => {
      const { chat, known } = this.find(connection, messageId, true);
      const message = { ...known, text, editedAt: this.now() };
      return this.changed(connection, chat, message, (place) => ({
        event: 'messageEdited',
        payload: { ...place, message },
      }));
    },
    deleteMessage: (connection, { messageId, scope }) => {
      if (scope === 'me') return refuse('INVALID', 'The fake server deletes for everyone alone');
      const { chat, known } = this.find(connection, messageId, true);
      const { text: _, encrypted: __, replyTo: ___, ...rest } = known;
      const at = this.now();
      const tombstone = { ...rest, reactions: [], deletedAt: at };
      const { seq } = this.changed(connection, chat, tombstone, (place) => ({
        event: 'messageDeleted',
        payload: { ...place, messageId, scope, deletedBy: connection.user.id, at },
      }));
      return { seq, at };
    },
    addReaction: (connection, input) => this.reacted(connection, input, true),
    removeReaction: (connection, input) => this.reacted(connection, input, false),
    messageSeen: (connection, { chatId, seq }) => this.marked(connection, 'seen', chatId, seq),
    messageDelivered: (connection, { chatId, seq }) =>
      this.marked(connection, 'delivered', chatId, seq),
    typing: ({ user }, { chatId }) => this.signal('typing', chatId, user),
    stopTyping: ({ user }, { chatId }) => this.signal('stopTyping', chatId, user),
  };

  private sent(
    connection: FakeConnection,
    input: CommandInput<'sendMessage' | 'sendEncryptedMessage'>,
  ): CommandOutput<'sendMessage'> {
    const chat = this.chatOf(input.chatId, connection.user);
    const { message, isNew } = chat.send(connection.user, input, this.now());
    if (!isNew) return { message, duplicate: true };
    this.tell(chat.entries.at(-1), chat.members, connection);
    return { message };
  }

  private find({ user }: FakeConnection, id: MessageId, isOwn: boolean) {
    const chat = this.chats.find(({ messages }) => messages.has(id));
    const known = chat?.messages.get(id);
    if (!chat?.members.includes(user) || !known) return refuse('NOT_FOUND');
    if (known.deletedAt !== undefined) return refuse('FORBIDDEN');
    if (isOwn && known.senderId !== user.id) return refuse('FORBIDDEN');
    return { chat, known };
  }

  private changed(
    connection: FakeConnection,
    chat: FakeChat,
    message: Message,
    entryOf: Parameters<FakeChat['change']>[1],
  ): { message: Message; seq: number } {
    this.tell(chat.change(message, entryOf), chat.members, connection);
    return { message, seq: chat.lastSeq };
  }

  private reacted(
    connection: FakeConnection,
    { messageId, emoji }: CommandInput<'addReaction'>,
    added: boolean,
  ): CommandOutput<'addReaction'> {
    const { chat, known } = this.find(connection, messageId, false);
    const before = known.reactions.find((reaction) => reaction.emoji === emoji)?.count ?? 0;
    const others = known.reactions.filter((reaction) => reaction.emoji !== emoji);
    const count = before + (added ? 1 : -1);
    const reactions = count > 0 ? [...others, { emoji, count, mine: false }] : others;
    const { id: userId } = connection.user;
    return this.changed(connection, chat, { ...known, reactions }, (place) => ({
      event: 'reactionChanged',
      payload: { ...place, messageId, userId, emoji, added, reactions },
    }));
  }

  private marked(
    connection: FakeConnection,
    status: 'seen' | 'delivered',
    chatId = '',
    seq = 0,
  ): Record<string, never> {
    const { user } = connection;
    const chat = this.chatOf(chatId, user);
    if (chat.mark(user.id, `${status}Seq`, seq)) {
      const updates = [{ userId: user.id, status, seq, at: this.now() }];
      const event = 'messageStatusUpdated';
      this.tell({ event, payload: { chatId: chat.id, updates } }, chat.members, connection);
    }
    return {};
  }

  private sync(user: User, cursor: string | undefined, limit: number): CommandOutput<'sync'> {
    if (cursor === undefined) {
      return { entries: [], cursor: `fake-${this.told.length}`, hasMore: false, reset: true };
    }
    const start = Number(cursor.slice('fake-'.length));
    const page = this.told.slice(start, start + limit);
    const entries = page.filter(({ to }) => to.has(user.id)).map(({ event }) => event);
    const next = start + page.length;
    return { entries, cursor: `fake-${next}`, hasMore: next < this.told.length, reset: false };
  }

  private tell(
    event: Told['event'] | undefined,
    members: readonly User[],
    except?: FakeConnection,
  ): void {
    if (!event) return;
    const to = new Set(members.map(({ id }) => id.toString()));
    this.told.push({ event, to });
    for (const connection of this.connections) {
      if (connection !== except && to.has(connection.user.id)) connection.events.event(event);
    }
  }

  private signal(event: 'typing' | 'stopTyping', id: string, from: User): Record<string, never> {
    const chat = this.chatOf(id, from);
    const payload = { chatId: chat.id, userId: from.id };
    for (const { user, events } of this.connections) {
      if (user.id !== from.id && chat.members.includes(user)) events.event({ event, payload });
    }
    return {};
  }

  private makeChat(members: readonly User[], title?: string): FakeChat {
    const chat = new FakeChat(title === undefined ? 'direct' : 'group', title, members, this.now());
    this.chats.push(chat);
    for (const user of members) {
      const userSeq = (this.userSeqs.get(user.id) ?? 0) + 1;
      this.userSeqs.set(user.id, userSeq);
      this.tell({ event: 'chatAdded', payload: { userSeq, chat: chat.view(user) } }, [user]);
    }
    return chat;
  }

  private chatOf(id: string, user: User): FakeChat {
    const chat = this.chats.find((known) => known.id === id);
    const isMember = chat?.members.some((member) => member.id === user.id);
    return chat && isMember ? chat : refuse('NOT_FOUND');
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  private readonly fetch: typeof fetch = async (input, init) => {
    await Promise.resolve();
    if (this.isDown) throw new TypeError('The fake server is down');
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length);
    const user = this.users.get(token ?? '');
    try {
      if (!user) return refuse('UNAUTHENTICATED');
      const url = new URL(input instanceof Request ? input.url : input);
      const body = typeof init?.body === 'string' ? init.body : '';
      return Response.json(
        this.route(user, `${init?.method} ${url.pathname}`, url.searchParams, body),
      );
    } catch (thrown) {
      if (!(thrown instanceof ChatError)) throw thrown;
      const { code } = thrown;
      const status = code === 'UNAUTHENTICATED' ? 401 : code === 'NOT_FOUND' ? 404 : 400;
      const problem = { code: thrown.code, detail: thrown.message, requestId: 'fake' };
      return Response.json(problem, {
        status,
        headers: { 'content-type': 'application/problem+json' },
      });
    }
  };

  private route(user: User, address: string, query: URLSearchParams, body: string): unknown {
    const [, id = '', rest] = /^GET \/v1\/chats\/([^/]+)(?:\/(\w+))?$/.exec(address) ?? [];
    if (rest === 'messages') return this.history(this.chatOf(id, user), query);
    if (rest === 'log') {
      const after = Number(query.get('after'));
      return { entries: this.chatOf(id, user).entries.slice(after), hasMore: false };
    }
    if (id !== '') return this.chatOf(id, user).view(user);
    const own = this.chats.filter(({ members }) => members.some((member) => member.id === user.id));
    switch (address) {
      case 'GET /v1/users/me':
        return user;
      case 'GET /v1/users':
        return { items: [...this.users.values()] };
      case 'GET /v1/devices':
        return { items: [deviceOf(user)] };
      case 'GET /v1/users/me/blocks':
        return { items: [] };
      case 'GET /v1/chats':
        return {
          items: query.get('filter') === 'archived' ? [] : own.map((chat) => chat.view(user)),
        };
      case 'POST /v1/chats':
        return this.create(user, JSON.parse(body)).view(user);
      default:
        return refuse('INVALID', `The fake server does not know ${address}`);
    }
  }

  private create(user: User, wanted: RequestParts<'createChat'>['body']): FakeChat {
    if (wanted.type === 'group') {
      const members = wanted.memberIds.flatMap((id) => this.users.get(id) ?? []);
      return this.makeChat([user, ...members], wanted.title);
    }
    const other = this.users.get(wanted.userId) ?? refuse('NOT_FOUND');
    const known = this.chats.find(
      ({ type, members }) => type === 'direct' && members.includes(user) && members.includes(other),
    );
    return known ?? this.makeChat([user, other]);
  }

  private history(chat: FakeChat, query: URLSearchParams): unknown {
    const [before, after] = [query.get('before'), query.get('after')].map((bound) =>
      bound === null ? undefined : Number(bound),
    );
    const limit = Number(query.get('limit') ?? 50);
    const all = [...chat.messages.values()];
    const fitting = all.filter(({ seq }) => seq < (before ?? Infinity) && seq > (after ?? 0));
    const items = after === undefined ? fitting.slice(-limit) : fitting.slice(0, limit);
    const [first, last] = [items[0], items.at(-1)];
    return {
      items,
      hasMoreBefore: first !== undefined && all[0] !== first,
      hasMoreAfter: last !== undefined && all.at(-1) !== last,
    };
  }
}

function deviceOf({ id, createdAt }: User): Device {
  const times = { createdAt, lastSeenAt: createdAt };
  return {
    id: toDeviceId(id),
    name: 'fake',
    current: true,
    pushEnabled: false,
    ...times,
  };
}
