import type {
  CommandInput,
  CommandName,
  CommandOutput,
  Message,
  MessageId,
  User,
} from '@natter/protocol';
import { type FakeChat, type FakeSend, refuse } from './fake-chats.js';
import type { FakeConnection, FakeWorld } from './fake-world.js';

type Handlers = {
  readonly [K in CommandName]?: (
    connection: FakeConnection,
    input: CommandInput<K>,
  ) => CommandOutput<K>;
};

/** What a fake server does where a command comes. */
export class FakeCommands {
  constructor(private readonly world: FakeWorld) {}

  carryOut<K extends CommandName>(
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
    sendMedia: (connection, input) => this.sent(connection, input),
    editMessage: (connection, { messageId, text }) => {
      const { chat, known } = this.find(connection, messageId, true);
      const message = { ...known, text, editedAt: this.world.now() };
      return this.changed(connection, chat, message, (place) => ({
        event: 'messageEdited',
        payload: { ...place, message },
      }));
    },
    deleteMessage: (connection, { messageId, scope }) => {
      if (scope === 'me') return refuse('INVALID', 'The fake server deletes for everyone alone');
      const { chat, known } = this.find(connection, messageId, true);
      const { text: _, encrypted: __, replyTo: ___, media: ____, ...rest } = known;
      const at = this.world.now();
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
    typing: ({ user }, { chatId }) => this.signalled('typing', chatId, user),
    stopTyping: ({ user }, { chatId }) => this.signalled('stopTyping', chatId, user),
  };

  private sync(user: User, cursor: string | undefined, limit: number): CommandOutput<'sync'> {
    if (cursor === undefined) {
      return { entries: [], cursor: `fake-${this.world.size}`, hasMore: false, reset: true };
    }
    const start = Number(cursor.slice('fake-'.length));
    const { entries, next, hasMore } = this.world.toldSince(user, start, limit);
    return { entries, cursor: `fake-${next}`, hasMore, reset: false };
  }

  private sent(connection: FakeConnection, input: FakeSend): CommandOutput<'sendMessage'> {
    const { user } = connection;
    const chat = this.world.chatOf(input.chatId, user);
    const mediaIds = 'mediaIds' in input ? (input.mediaIds ?? []) : [];
    const media = this.world.media.own(user, mediaIds);
    const { message, isNew } = chat.send(user, input, this.world.now(), media);
    if (!isNew) return { message, duplicate: true };
    this.world.tell(chat.entries.at(-1), chat.members, connection);
    return { message };
  }

  private find({ user }: FakeConnection, id: MessageId, isOwn: boolean) {
    const chat = this.world.chats.find(({ messages }) => messages.has(id));
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
    this.world.tell(chat.change(message, entryOf), chat.members, connection);
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
    const chat = this.world.chatOf(chatId, user);
    if (chat.mark(user.id, `${status}Seq`, seq)) {
      const updates = [{ userId: user.id, status, seq, at: this.world.now() }];
      const event = 'messageStatusUpdated';
      this.world.tell({ event, payload: { chatId: chat.id, updates } }, chat.members, connection);
    }
    return {};
  }

  private signalled(event: 'typing' | 'stopTyping', id: string, from: User): Record<string, never> {
    this.world.signal(event, this.world.chatOf(id, from), from);
    return {};
  }
}
