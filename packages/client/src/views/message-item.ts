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
import type { Model, UploadProgress } from '../engine/model.js';
import type { ErrorInfo } from '../errors.js';
import type { SendItem } from '../outbox/outbox-item.js';
import { isSameList } from '../readable.js';
import { type MediaItem, pendingMedia, sentMedia } from './media-item.js';

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
  'id' | 'seq' | 'clientMessageId' | 'replyTo' | 'sender' | 'media'
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
  /** Its files, also those that are on their way. */
  readonly media?: readonly MediaItem[];
  readonly status: MessageStatus;
  /** Why it `failed`, or why the last attempt to send it did not get through. */
  readonly error?: ErrorInfo;
}

/** How far all others in the chat have come. */
export interface OthersMarks {
  readonly deliveredSeq: number;
  readonly seenSeq: number;
}

const othersMarks = new WeakMap<ChatState['members'], OthersMarks>();

/** 0 where they are not known of all. */
export function marksOfOthers(chat: ChatState, me: UserId): OthersMarks {
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
  readonly preview: string | undefined;
  readonly quotedSender: Sender | undefined;
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
  const preview = replyTo && replyView(chat, replyTo).preview;
  const quotedSender = replyTo && state.users.get(replyTo.senderId);
  const status = statusOf(chat, message, state.me);
  const known = shown.get(message);
  if (
    known &&
    known.sender === sender &&
    known.preview === preview &&
    known.quotedSender === quotedSender &&
    known.status === status
  ) {
    return known.item;
  }
  const { clientMessageId, replyTo: reply, media, ...view } = messageView(state, chat, message);
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
    ...(media && { media: sentMedia(media, localId) }),
  };
  shown.set(message, { sender, preview, quotedSender, status, item });
  return item;
}

interface Pending {
  readonly sender: Sender;
  readonly quoted: StoredMessage | undefined;
  readonly quotedSender: Sender | undefined;
  readonly progress: readonly (UploadProgress | undefined)[];
  readonly item: MessageItem;
}

const pending = new WeakMap<SendItem, Pending>();
const pendingWithoutProgress = new WeakMap<SendItem, Pending>();

const NOBODY = { username: '', displayName: '' };

function quoteOf(
  chat: ChatState,
  { id: messageId, senderId, kind }: StoredMessage,
  sender: Sender | undefined,
): ReplyItem {
  return { ...replyView(chat, { messageId, senderId, kind }), sender };
}

const NO_PROGRESS: readonly never[] = [];

/**
 * How a message is shown that the server does not have yet, or of which that is not known.
 *
 * @param uploads Progress of its files; without it, it is the same object whatever they do.
 */
export function pendingItem(
  state: ClientState,
  chatId: ChatId,
  send: SendItem,
  uploads?: Model['uploads'],
): MessageItem {
  const made = uploads ? pending : pendingWithoutProgress;
  const sender = state.users.get(state.me) ?? { id: state.me, ...NOBODY };
  const chat = state.chats.get(chatId);
  const quoted = send.input.replyToId && chat?.messages.get(send.input.replyToId);
  const quotedSender = quoted && state.users.get(quoted.senderId);
  const progress = (uploads && send.files?.map(({ key }) => uploads.get(key))) ?? NO_PROGRESS;
  const known = made.get(send);
  if (
    known &&
    known.sender === sender &&
    known.quoted === quoted &&
    known.quotedSender === quotedSender &&
    isSameList(known.progress, progress)
  ) {
    return known.item;
  }
  const item: MessageItem = {
    ...contentOf(send),
    type: 'message',
    key: send.id,
    localId: send.id,
    chatId,
    senderId: state.me,
    sender,
    isOwn: true,
    ...(chat && quoted && { replyTo: quoteOf(chat, quoted, quotedSender) }),
    ...(send.files && {
      media: send.files.map((file, index) => pendingMedia(file, progress[index])),
    }),
    reactions: [],
    createdAt: send.createdAt,
    status: send.status,
    ...(send.error && { error: send.error }),
  };
  made.set(send, { sender, quoted, quotedSender, progress, item });
  return item;
}

function contentOf({
  command,
  input,
}: SendItem): Pick<MessageItem, 'kind' | 'text' | 'encrypted' | 'mentions'> {
  if (command === 'sendEncryptedMessage') return { kind: 'encrypted', encrypted: input.encrypted };
  const { text, mentions } = input;
  return {
    kind: command === 'sendMedia' ? 'media' : 'text',
    ...(text && { text }),
    ...(mentions && { mentions }),
  };
}
