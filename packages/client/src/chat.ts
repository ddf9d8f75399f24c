import {
  type ChatId,
  type ClientMessageId,
  type Message,
  type MessageId,
  type MessageReceipts,
  type RouteOutput,
} from '@natter/protocol';
import type { Clock } from './clock.js';
import type { Brain } from './engine/brain.js';
import { invalid } from './errors.js';
import { newId, toChatId, toMessageId, toUserId } from './ids.js';
import { type Loadable, loadedOnDemand } from './loadable.js';
import { type NewFile, orderedFiles } from './media/new-file.js';
import { requireUploads } from './media/require-uploads.js';
import type { Operation, Order } from './outbox/outbox-item.js';
import { type Readable, select } from './readable.js';
import type { RequestParts } from './transport/http.js';
import { SeenNotice } from './seen-notice.js';
import { type Settled, type Settlements, unhurried } from './settlements.js';
import { Timeline } from './timeline/timeline.js';
import { TypingNotice } from './typing-notice.js';
import type { ChatItem } from './views/chat-item.js';
import type { MessageItem } from './views/message-item.js';
import { isAlikeList, isSameListOrNone, type MemberItem, type Views } from './views/views.js';

/** A message that is to be named: as a timeline shows it, or by its `id` or `key`. */
export type MessageRef = string | Pick<MessageItem, 'key' | 'id'>;

/** What is to be sent; a string alone is its text. */
export interface NewMessage {
  readonly text: string;
  /** Ids of members who are to be told. */
  readonly mentions?: readonly string[];
  /** The message that it answers; it may itself be on its way still. */
  readonly replyTo?: MessageRef;
}

/** What the client cannot read and the server does not look into. */
export interface NewEncryptedMessage {
  readonly encrypted: {
    /** Names how it is encrypted, for the other clients. */
    readonly scheme: string;
    /** Base64 with padding. */
    readonly ciphertext: string;
    /** Any JSON. */
    readonly header?: object;
  };
  /** Files that are encrypted as well; what they are, the message tells those who can read it. */
  readonly files?: readonly (Blob | NewFile)[];
  readonly replyTo?: MessageRef;
}

export interface NewMediaMessage {
  /** In their order. How many a message may hold, the server says; mostly 10. */
  readonly files: readonly (Blob | NewFile)[];
  /** A caption. */
  readonly text?: string;
  /** Ids of members who are to be told. */
  readonly mentions?: readonly string[];
  readonly replyTo?: MessageRef;
}

export interface SentMessage {
  /** The `key` of its item in timelines, from now on and for ever. */
  readonly key: string;
  /**
   * Resolves when the server has stored it, which may be after a reload. Rejects where the user discards it. A refusal
   * does not settle it: the message stays in the outbox as `failed`, until it is retried, changed or discarded.
   */
  readonly sent: Promise<Message>;
}

/** What a user sets of a chat for himself alone; what is left out stays. `null` and `false` end it. */
export type ChatPreferences = NonNullable<RequestParts<'setPreferences'>['body']>;

interface Target {
  readonly messageId: MessageId;
  /** The send that stands for it until it has an id. */
  readonly about?: ClientMessageId;
}

export interface ChatContext {
  readonly brain: Brain;
  readonly views: Views;
  readonly clock: Clock;
  readonly settlements: Settlements;
  /** Whether there is a way for files. */
  readonly canUpload: boolean;
}

/**
 * One chat. What is done here to messages goes through the outbox: it shows at once, survives being offline, and keeps
 * its order. Promises of it settle when the server has answered, and need not be awaited.
 *
 * As a readable value it is the chat as it is shown; `undefined` while it is not known or the user is not in it.
 */
export class ChatHandle implements Readable<ChatItem | undefined> {
  /** For the composer: tells the others that the user types. */
  readonly typing: TypingNotice;
  private readonly item: Readable<ChatItem | undefined>;
  private readonly seen = new SeenNotice((seq) => this.markSeen(seq));

  constructor(
    readonly id: ChatId,
    private readonly context: ChatContext,
  ) {
    const { brain, views, clock } = context;
    this.item = select(brain.model, () => views.chat(id));
    this.members = loadedOnDemand(
      select(brain.model, () => views.members(id), isAlikeList),
      brain,
      { missing: () => views.missingMembers(id), load: () => brain.loadMembers(id) },
    );
    this.pins = loadedOnDemand(
      select(brain.model, () => views.pins(id), isSameListOrNone),
      brain,
      { missing: () => views.missingPins(id), load: () => brain.loadPins(id) },
    );
    this.typing = new TypingNotice(id, brain, clock);
  }

  getSnapshot(): ChatItem | undefined {
    return this.item.getSnapshot();
  }

  subscribe(listener: () => void): () => void {
    return this.item.subscribe(listener);
  }

  /** Its messages. To begin elsewhere than at the end, `jumpTo` next. */
  timeline(): Timeline {
    const { brain, views, clock } = this.context;
    return new Timeline(this.id, brain, views, clock, this.seen);
  }

  /**
   * Those who are in it, in the order of joining. Of a large group the first 20 are known, and all while they are followed;
   * all are there where they are as many as the chat's `memberCount`.
   */
  readonly members: Loadable<readonly MemberItem[]>;
  /** What is pinned, the last one first; `undefined` until that is loaded. */
  readonly pins: Loadable<readonly MessageItem[] | undefined>;

  /** Sends a message. It is in the chat's timelines when this returns, and will be sent once, whatever happens. */
  send(message: string | NewMessage | NewEncryptedMessage): SentMessage {
    const id = newId();
    const content: NewMessage | NewEncryptedMessage =
      typeof message === 'string' ? { text: message } : message;
    const target = this.quoted(content.replyTo);
    const common = { chatId: this.id, clientMessageId: id, replyToId: target?.messageId };
    const operation: Operation =
      'encrypted' in content
        ? {
            command: 'sendEncryptedMessage',
            input: {
              ...common,
              encrypted: { ...content.encrypted, header: content.encrypted.header },
              mediaIds: undefined,
            },
          }
        : {
            command: 'sendMessage',
            input: {
              ...common,
              text: content.text,
              mentions: content.mentions?.map(toUserId),
            },
          };
    const files = 'files' in content ? content.files : undefined;
    if (files) requireUploads(this.context);
    return this.sendAs(operation, {
      id,
      about: target?.about,
      files: files && orderedFiles(id, files, true),
    });
  }

  /**
   * Sends files as one message. It is in the chat's timelines when this returns, and will be sent once, when all of its
   * files are uploaded; what is sent after it waits for it. `discard` gives it up, `client.media.cancel` one file.
   *
   * @throws {TypeError} where the client was made without `uploads`; {ChatError} `INVALID` where there is no file.
   */
  sendMedia({ files, text, mentions, replyTo }: NewMediaMessage): SentMessage {
    requireUploads(this.context);
    if (files.length === 0) throw invalid('A message with files needs one');
    const id = newId();
    const target = this.quoted(replyTo);
    const input = {
      chatId: this.id,
      clientMessageId: id,
      mediaIds: [],
      text,
      mentions: mentions?.map(toUserId),
      replyToId: target?.messageId,
    };
    return this.sendAs(
      { command: 'sendMedia', input },
      { id, about: target?.about, files: orderedFiles(id, files) },
    );
  }

  private sendAs(operation: Operation, place: Pick<Order, 'id' | 'about' | 'files'>): SentMessage {
    this.typing.sent();
    const settled = this.order(operation, { ...place, lane: this.id });
    return {
      key: place.id,
      sent: unhurried(
        settled.then(({ message }) => {
          if (!message) throw invalid('The server answered without the message');
          return message;
        }),
      ),
    };
  }

  /** Gives an own message another text. One that is not sent yet is sent with it. */
  edit(message: MessageRef, text: string): Promise<void> {
    const { messageId, about } = this.find(message);
    const input = { messageId, chatId: this.id, text, mentions: undefined, encrypted: undefined };
    const sent = about === undefined ? undefined : this.context.settlements.of(about);
    const edited = this.change({ command: 'editMessage', input }, about);
    return unhurried(Promise.all([sent, edited]).then(() => undefined));
  }

  /** Deletes a message for everyone; one that is not sent yet is never sent. */
  deleteForEveryone(message: MessageRef): Promise<void> {
    return this.delete(message, 'everyone');
  }

  /** Deletes a message for this user alone, on all of his devices. */
  deleteForMe(message: MessageRef): Promise<void> {
    return this.delete(message, 'me');
  }

  /** Reacts with an emoji. */
  react(message: MessageRef, emoji: string): Promise<void> {
    const { messageId, about } = this.find(message);
    return this.change(
      { command: 'addReaction', input: { messageId, chatId: this.id, emoji } },
      about,
    );
  }

  unreact(message: MessageRef, emoji: string): Promise<void> {
    const { messageId, about } = this.find(message);
    return this.change(
      { command: 'removeReaction', input: { messageId, chatId: this.id, emoji } },
      about,
    );
  }

  /** Pins a message for everybody. */
  pin(message: MessageRef): Promise<void> {
    return this.refer('pinMessage', message);
  }

  unpin(message: MessageRef): Promise<void> {
    return this.refer('unpinMessage', message);
  }

  /** Stars a message for this user alone. */
  star(message: MessageRef): Promise<void> {
    return this.refer('starMessage', message);
  }

  unstar(message: MessageRef): Promise<void> {
    return this.refer('unstarMessage', message);
  }

  /** Sends the content of a message to other chats. Resolves when all of them have it. */
  forward(message: MessageRef, chatIds: readonly string[]): Promise<void> {
    const { messageId, about } = this.find(message);
    const copies = chatIds.map(toChatId).map((chatId) => {
      const id = newId();
      const input = { messageId, chatId: this.id, chatIds: [chatId], clientMessageIds: [id] };
      return this.order({ command: 'forwardMessage', input }, { id, lane: chatId, about });
    });
    return unhurried(Promise.all(copies).then(() => undefined));
  }

  /** Tries a failed message again. */
  retry(message: MessageRef): void {
    const { about } = this.find(message);
    if (about !== undefined) this.context.brain.retry(about);
  }

  /** Gives a message up that is not sent, and whatever was to happen to it. */
  discard(message: MessageRef): void {
    const { about } = this.find(message);
    if (about !== undefined) this.context.brain.discard(about);
  }

  /**
   * Tells that the user has seen everything up to an entry, or up to the newest one. Marks only go forward, and are
   * gathered for a second. A timeline does it by itself for what `reportVisible` is told of.
   */
  markSeen(seq?: number): void {
    const chat = this.context.views.state()?.chats.get(this.id);
    const upTo = Math.min(seq ?? Number.POSITIVE_INFINITY, chat?.lastSeq ?? 0);
    if (!chat) return;
    if (upTo <= chat.me.seenSeq) {
      // A mark that does not move does not end it.
      if (chat.me.markedUnread) void unhurried(this.setPreferences({ markedUnread: false }));
      return;
    }
    const input = { chatId: this.id, seq: upTo, messageId: undefined };
    void this.order({ command: 'messageSeen', input }, { lane: `seen/${this.id}` });
  }

  /** Keeps what the user has begun to write, for all of his devices; an empty text ends it. */
  setDraft(text: string, replyTo?: MessageRef): void {
    const target = this.quoted(replyTo);
    const replyToId = target && target.about === undefined ? target.messageId : undefined;
    const input = { chatId: this.id, text, replyToId };
    void this.order({ command: 'setDraft', input }, { lane: `draft/${this.id}` });
  }

  /** Hides everything up to now for this user alone. */
  clear(): Promise<void> {
    const upToSeq = this.context.brain.model.getSnapshot().state?.chats.get(this.id)?.lastSeq ?? 0;
    return this.change({ command: 'clearChat', input: { chatId: this.id, upToSeq } });
  }

  /** To whom a message was delivered and who has seen it, and when. */
  receipts(message: MessageRef): Promise<MessageReceipts> {
    return this.context.brain.request('getReceipts', {
      params: { id: this.find(message).messageId },
    });
  }

  /** Mutes, pins, archives or marks the chat for this user alone. */
  async setPreferences(body: ChatPreferences): Promise<void> {
    await this.context.brain.request('setPreferences', { params: { id: this.id }, body });
  }

  /** Changes a group's title and the like, or the timer of any chat. */
  async update(body: NonNullable<RequestParts<'updateChat'>['body']>): Promise<void> {
    await this.context.brain.request('updateChat', { params: { id: this.id }, body });
  }

  /** Adds members. Who cannot be added is left out of the answer, and nobody is told why. */
  async addMembers(userIds: readonly string[]): Promise<RouteOutput<'addMembers'>['added']> {
    const body = { userIds: [...userIds] };
    return (await this.context.brain.request('addMembers', { params: { id: this.id }, body }))
      .added;
  }

  async removeMember(userId: string): Promise<void> {
    await this.context.brain.request('removeMember', { params: { id: this.id, userId } });
  }

  async setRole(userId: string, role: MemberItem['role']): Promise<void> {
    await this.context.brain.request('changeRole', {
      params: { id: this.id, userId },
      body: { role },
    });
  }

  /** Makes an invite; the one before it ends. */
  async createInvite(): Promise<string> {
    return (await this.context.brain.request('createInvite', { params: { id: this.id } }))
      .inviteCode;
  }

  async revokeInvite(): Promise<void> {
    await this.context.brain.request('deleteInvite', { params: { id: this.id } });
  }

  /** Ends the membership in a group. */
  async leave(): Promise<void> {
    await this.context.brain.request('leaveGroup', { params: { id: this.id } });
  }

  /** Deletes a group for everybody. */
  async deleteGroup(): Promise<void> {
    await this.context.brain.request('deleteChat', { params: { id: this.id } });
  }

  private delete(message: MessageRef, scope: 'everyone' | 'me'): Promise<void> {
    const { messageId, about } = this.find(message);
    return this.change(
      { command: 'deleteMessage', input: { messageId, chatId: this.id, scope } },
      about,
    );
  }

  private refer(
    command: 'pinMessage' | 'unpinMessage' | 'starMessage' | 'unstarMessage',
    message: MessageRef,
  ): Promise<void> {
    const { messageId, about } = this.find(message);
    return this.change({ command, input: { messageId, chatId: this.id } }, about);
  }

  private change(operation: Operation, about?: ClientMessageId): Promise<void> {
    return unhurried(this.order(operation, { lane: this.id, about }).then(() => undefined));
  }

  /** Puts an operation into the outbox; not awaiting what it returns is fine. */
  private order(
    operation: Operation,
    {
      id = newId(),
      lane,
      about,
      files,
    }: Partial<Pick<Order, 'id' | 'about' | 'files'>> & { lane: string },
  ): Promise<Settled> {
    const settled = this.context.settlements.of(id);
    this.context.brain.order({
      id,
      operation,
      chatId: this.id,
      lane,
      about,
      files,
    });
    return settled;
  }

  private quoted(replyTo: MessageRef | undefined): Target | undefined {
    return replyTo ? this.find(replyTo) : undefined;
  }

  /** What a reference stands for: a message with an id, or one in the outbox. */
  private find(ref: MessageRef): Target {
    const { state, outbox } = this.context.brain.model.getSnapshot();
    const chat = state?.chats.get(this.id);
    const id = toMessageId(typeof ref === 'string' ? ref : (ref.id ?? ref.key));
    if (chat?.messages.has(id)) return { messageId: id };
    const pending = outbox.find((item) => item.id.toString() === id.toString());
    const sent = state && chat?.messages.sentAs(state.me, id);
    if (sent) return { messageId: sent.id };
    return pending ? { messageId: id, about: pending.id } : { messageId: id };
  }
}
