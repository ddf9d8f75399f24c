import type {
  Chat,
  ChatEntry,
  ChatId,
  CommandInput,
  Media,
  Member,
  Message,
  MessageId,
  User,
  UserId,
} from '@natter/protocol';
import { ChatError } from '../errors.js';
import { newId, toChatId, toMessageId, toUserId } from '../ids.js';

export function refuse(code: ChatError['code'], message = code.toLowerCase()): never {
  throw new ChatError({ code, message, retryable: false, requestId: 'fake' });
}

export function newUser(username: string, now: string): User {
  return {
    id: toUserId(newId()),
    username,
    displayName: username,
    role: 'user',
    online: true,
    createdAt: now,
    privacy: { presence: 'contacts', seen: true, addToGroups: 'all' },
  };
}

export type FakeSend = CommandInput<'sendMessage' | 'sendEncryptedMessage' | 'sendMedia'>;

function eventOf({ kind }: Message) {
  if (kind === 'encrypted') return 'newEncryptedMessage';
  return kind === 'media' ? 'newMediaMessage' : 'newMessage';
}

interface Marks {
  deliveredSeq: number;
  seenSeq: number;
}

/** A chat of a fake server: its stream, and what it makes of it. */
export class FakeChat {
  readonly id: ChatId = toChatId(newId());
  readonly messages = new Map<MessageId, Message>();
  readonly marks = new Map<UserId, Marks>();
  readonly entries: ChatEntry[] = [];
  private readonly sent = new Map<string, Message>();

  constructor(
    readonly type: Chat['type'],
    readonly title: string | undefined,
    readonly members: readonly User[],
    private readonly createdAt: string,
  ) {
    for (const { id } of members) this.marks.set(id, { deliveredSeq: 0, seenSeq: 0 });
  }

  get lastSeq(): number {
    return this.entries.length;
  }

  send(
    sender: User,
    { clientMessageId, replyToId, ...input }: FakeSend,
    now: string,
    media: readonly Media[] = [],
  ): { message: Message; isNew: boolean } {
    const key = `${sender.id}/${clientMessageId}`;
    const known = this.sent.get(key);
    if (known) return { message: this.messages.get(known.id) ?? known, isNew: false };
    const quoted = replyToId && this.messages.get(replyToId);
    const named = 'mentions' in input ? (input.mentions ?? []) : [];
    const mentions = named.filter((userId) => this.marks.has(userId));
    const message: Message = {
      id: toMessageId(newId()),
      chatId: this.id,
      seq: this.lastSeq + 1,
      kind: 'encrypted' in input ? 'encrypted' : media.length > 0 ? 'media' : 'text',
      senderId: sender.id,
      sender,
      clientMessageId,
      ...('encrypted' in input ? { encrypted: input.encrypted } : { text: input.text }),
      ...(mentions.length > 0 && { mentions }),
      ...(media.length > 0 && { media: [...media] }),
      ...(quoted && {
        replyTo: { messageId: quoted.id, senderId: quoted.senderId, kind: quoted.kind },
      }),
      reactions: [],
      createdAt: now,
    };
    this.sent.set(key, message);
    this.messages.set(message.id, message);
    this.entries.push({ event: eventOf(message), payload: message });
    this.mark(sender.id, 'seenSeq', message.seq);
    return { message, isNew: true };
  }

  /** Changes a message by an entry of its own. */
  change(
    message: Message,
    entryOf: (place: { chatId: ChatId; seq: number }) => ChatEntry,
  ): ChatEntry {
    this.messages.set(message.id, message);
    const entry = entryOf({ chatId: this.id, seq: this.lastSeq + 1 });
    this.entries.push(entry);
    return entry;
  }

  mark(userId: UserId, mark: keyof Marks, seq: number): boolean {
    const marks = this.marks.get(userId);
    if (!marks || seq > this.lastSeq) return refuse('INVALID');
    if (seq <= marks[mark]) return false;
    marks[mark] = seq;
    marks.deliveredSeq = Math.max(marks.deliveredSeq, seq);
    return true;
  }

  /** As one of its members sees it. */
  view(reader: User): Chat {
    const all = [...this.messages.values()];
    const { deliveredSeq = 0, seenSeq = 0 } = this.marks.get(reader.id) ?? {};
    const participants: Member[] = this.members.map((user) => ({
      user,
      role: 'member',
      deliveredSeq: this.marks.get(user.id)?.deliveredSeq ?? 0,
      seenSeq: this.marks.get(user.id)?.seenSeq ?? 0,
      joinedAt: this.createdAt,
    }));
    const lastMessage = all.at(-1);
    return {
      id: this.id,
      type: this.type,
      ...(this.title !== undefined && { title: this.title }),
      visibility: 'private',
      createdBy: this.members[0]?.id ?? reader.id,
      createdAt: this.createdAt,
      lastActivityAt: lastMessage?.createdAt ?? this.createdAt,
      lastSeq: this.lastSeq,
      memberCount: this.members.length,
      participants,
      ...(lastMessage && { lastMessage }),
      me: {
        role: 'member',
        deliveredSeq,
        seenSeq,
        unreadCount: all.filter(
          ({ senderId, seq, deletedAt }) =>
            senderId !== reader.id && seq > seenSeq && deletedAt === undefined,
        ).length,
        joinedAt: this.createdAt,
      },
    };
  }
}
