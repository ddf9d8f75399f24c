import type {
  ChatId,
  ClientMessageId,
  Message,
  MessageId,
  ReplyTo,
  Sender,
  UserId,
} from '@natter/protocol';
import {
  type ChatState,
  type ClientState,
  messageView,
  type StoredMessage,
} from '../core/index.js';
import { replyView } from '../core/views.js';
import type { ErrorInfo } from '../errors.js';
import type { SendItem } from '../outbox/outbox-item.js';

/**
 * How far a message of the user's own has come: `queued` and `sending` are of this device alone; `sent` is stored by the
 * server; `delivered` and `seen` by all other members. `failed` waits for the user. Others' messages are `received`.
 */
export type MessageStatus =
  | 'queued'
  | 'sending'
  | 'failed'
  | 'sent'
  | 'delivered'
  | 'seen'
  | 'received';

export interface ReplyItem extends ReplyTo {
  readonly sender: Sender | undefined;
}

/** A message as it is to be shown, from the moment in which it was written; the same object until something changes. */
export interface MessageItem extends Omit<
  Message,
  'id' | 'seq' | 'clientMessageId' | 'replyTo' | 'sender'
> {
  readonly type: 'message';
  /** The same from the moment of writing on, and unique in its chat: for lists. */
  readonly key: string;
  /** Absent until the server has stored it. */
  readonly id?: MessageId;
  /** Absent until the server has stored it. */
  readonly seq?: number;
  /** There where this user wrote it with an SDK, on whichever device. */
  readonly localId?: ClientMessageId;
  readonly sender: Sender;
  readonly isOwn: boolean;
  readonly replyTo?: ReplyItem;
  readonly status: MessageStatus;
  /** Why it `failed`, or why the last attempt to send it did not get through. */
  readonly error?: ErrorInfo;
}

/** How far all others in the chat have come. */
interface OthersMarks {
  readonly deliveredSeq: number;
  readonly seenSeq: number;
}

const othersMarks = new WeakMap<ChatState['members'], OthersMarks>();

function marksOfOthers(chat: ChatState, me: UserId): OthersMarks {
  const known = othersMarks.get(chat.members);
  if (known) return known;
  let [deliveredSeq, seenSeq] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [userId, member] of chat.members) {
    if (userId === me) continue;
    deliveredSeq = Math.min(deliveredSeq, member.deliveredSeq);
    seenSeq = Math.min(seenSeq, member.seenSeq ?? 0);
  }
  const isKnown = chat.members.size >= chat.info.memberCount && chat.members.size > 1;
  const marks = isKnown ? { deliveredSeq, seenSeq } : { deliveredSeq: 0, seenSeq: 0 };
  othersMarks.set(chat.members, marks);
  return marks;
}

function statusOf(chat: ChatState, message: StoredMessage, me: UserId): MessageStatus {
  if (message.senderId !== me) return 'received';
  const { deliveredSeq, seenSeq } = marksOfOthers(chat, me);
  if (message.seq <= seenSeq) return 'seen';
  return message.seq <= deliveredSeq ? 'delivered' : 'sent';
}

interface Shown {
  readonly sender: Sender | undefined;
  readonly quoted: StoredMessage | undefined;
  readonly quotedSender: Sender | undefined;
  readonly isQuotedHidden: boolean;
  readonly status: MessageStatus;
  readonly item: MessageItem;
}

const shown = new WeakMap<StoredMessage, Shown>();

/** How a stored message is shown. */
export function messageItem(
  state: ClientState,
  chat: ChatState,
  message: StoredMessage,
): MessageItem {
  const sender = state.users.get(message.senderId);
  const { replyTo } = message;
  const quoted = replyTo && chat.messages.get(replyTo.messageId);
  const quotedSender = replyTo && state.users.get(replyTo.senderId);
  const isQuotedHidden = replyTo !== undefined && chat.hidden.has(replyTo.messageId);
  const status = statusOf(chat, message, state.me);
  const known = shown.get(message);
  if (
    known &&
    known.sender === sender &&
    known.quoted === quoted &&
    known.quotedSender === quotedSender &&
    known.isQuotedHidden === isQuotedHidden &&
    known.status === status
  ) {
    return known.item;
  }
  const { clientMessageId, replyTo: reply, ...view } = messageView(state, chat, message);
  const isOwn = message.senderId === state.me;
  const localId = isOwn ? clientMessageId : undefined;
  const item: MessageItem = {
    ...view,
    type: 'message',
    key: localId ?? message.id,
    ...(localId !== undefined && { localId }),
    isOwn,
    status,
    ...(reply && { replyTo: { ...reply, sender: quotedSender } }),
  };
  shown.set(message, { sender, quoted, quotedSender, isQuotedHidden, status, item });
  return item;
}

interface Pending {
  readonly sender: Sender;
  readonly quoted: StoredMessage | undefined;
  readonly quotedSender: Sender | undefined;
  readonly item: MessageItem;
}

const pending = new WeakMap<SendItem, Pending>();

const NOBODY = { username: '', displayName: '' };

function quoteOf(
  chat: ChatState,
  { id: messageId, senderId, kind }: StoredMessage,
  sender: Sender | undefined,
): ReplyItem {
  return { ...replyView(chat, { messageId, senderId, kind }), sender };
}

/** How a message is shown that the server does not have yet, or of which that is not known. */
export function pendingItem(state: ClientState, chatId: ChatId, send: SendItem): MessageItem {
  const sender = state.users.get(state.me) ?? { id: state.me, ...NOBODY };
  const { id, createdAt, status, error, input } = send;
  const chat = state.chats.get(chatId);
  const quoted = input.replyToId && chat?.messages.get(input.replyToId);
  const quotedSender = quoted && state.users.get(quoted.senderId);
  const known = pending.get(send);
  if (
    known &&
    known.sender === sender &&
    known.quoted === quoted &&
    known.quotedSender === quotedSender
  ) {
    return known.item;
  }
  const item: MessageItem = {
    type: 'message',
    key: id,
    localId: id,
    chatId,
    kind: 'text' in input ? 'text' : 'encrypted',
    senderId: state.me,
    sender,
    isOwn: true,
    ...('text' in input ? { text: input.text } : { encrypted: input.encrypted }),
    ...('mentions' in input && input.mentions && { mentions: input.mentions }),
    ...(chat && quoted && { replyTo: quoteOf(chat, quoted, quotedSender) }),
    reactions: [],
    createdAt,
    status,
    ...(error && { error }),
  };
  pending.set(send, { sender, quoted, quotedSender, item });
  return item;
}
