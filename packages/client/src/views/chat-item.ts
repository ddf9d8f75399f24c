import type { Chat, ChatId, Draft, GroupSettings, MemberRole, UserId } from '@natter/protocol';
import { type ChatState, type ClientState, isMentioned, unreadCount } from '../core/index.js';
import { newestMessage } from '../core/views.js';
import type { Model } from '../engine/model.js';
import { isSend } from '../outbox/outbox-item.js';
import { isShallowEqual } from '../readable.js';
import { type MessageItem, messageItem, pendingItem } from './message-item.js';
import type { People, Person } from './people.js';

/** A chat as a list or a header shows it; the same object until something of it changes. */
export interface ChatItem {
  readonly id: ChatId;
  readonly type: Chat['type'];
  /** What to call it: a group's title, or the other's name. */
  readonly name: string;
  readonly description: string | undefined;
  /** Of a group's picture; a direct chat has the picture of its `peer`. */
  readonly avatarUrl: string | undefined;
  readonly visibility: Chat['visibility'];
  /** The other one of a direct chat; in a chat with oneself, oneself. */
  readonly peer: Person | undefined;
  readonly memberCount: number;
  /** Who may do what in a group. */
  readonly settings: GroupSettings | undefined;
  /** How long messages live that are sent from now on. */
  readonly messageTtlMs: number | undefined;
  readonly createdBy: UserId;
  readonly createdAt: string;
  readonly lastActivityAt: string;
  /** The newest message, also one that is on its way; `undefined` where there is none or it is not loaded. */
  readonly lastMessage: MessageItem | undefined;
  /** Exact up to 1,000; `undefined` for the moment in which the server is asked. */
  readonly unreadCount: number | undefined;
  /** One of the unread messages that are on this device mentions the user. */
  readonly isMentioned: boolean;
  /** The user marked it as unread, whatever the count says. */
  readonly isMarkedUnread: boolean;
  readonly seenSeq: number;
  readonly lastSeq: number;
  readonly role: MemberRole;
  /** May have passed by now. */
  readonly mutedUntil: string | undefined;
  readonly pinnedAt: string | undefined;
  readonly archivedAt: string | undefined;
  readonly draft: Draft | undefined;
  /** Who is typing, but for this user. */
  readonly typing: readonly Person[];
  /** Messages of this user that wait for the server or for him. */
  readonly pendingCount: number;
}

function peerOf(chat: ChatState, me: UserId): UserId | undefined {
  if (chat.type !== 'direct') return undefined;
  for (const userId of chat.members.keys()) if (userId !== me) return userId;
  return me;
}

/** Chats as they are shown. */
export class ChatItems {
  private readonly shown = new Map<ChatId, ChatItem>();
  private readonly made = new Map<ChatId, readonly unknown[]>();

  constructor(private readonly people: People) {}

  of(model: Model, state: ClientState, chat: ChatState): ChatItem {
    const known = this.shown.get(chat.id);
    // Of a thousand chats most are as they were: they are not even looked at.
    const { users, presence, typing } = state;
    const made = [chat, users, presence, typing.get(chat.id), model.outbox];
    if (known && isShallowEqual(this.made.get(chat.id), made)) return known;
    this.made.set(chat.id, made);
    return this.build(model, state, chat, known);
  }

  private build(
    model: Model,
    state: ClientState,
    chat: ChatState,
    known: ChatItem | undefined,
  ): ChatItem {
    const built = this.describe(model, state, chat);
    const typing = isShallowEqual(known?.typing, built.typing) ? known?.typing : undefined;
    const item = typing ? { ...built, typing } : built;
    if (known && isShallowEqual(known, item)) return known;
    this.shown.set(chat.id, item);
    return item;
  }

  private describe(model: Model, state: ClientState, chat: ChatState): ChatItem {
    const { id, type, createdBy, createdAt, lastActivityAt, lastSeq, info, me } = chat;
    const peerId = peerOf(chat, state.me);
    const peer = peerId && this.people.of(state, peerId);
    const sends = model.outbox.filter(isSend).filter((item) => item.chatId === id);
    const [last, lastSend] = [newestMessage(chat), sends.at(-1)];
    const typists = [...(state.typing.get(id) ?? [])].map((user) => this.people.of(state, user));
    return {
      id,
      type,
      name: info.title ?? peer?.displayName ?? '',
      description: info.description,
      avatarUrl: info.avatarUrl,
      visibility: info.visibility,
      peer,
      memberCount: info.memberCount,
      settings: info.settings,
      messageTtlMs: info.messageTtlMs,
      createdBy,
      createdAt,
      lastActivityAt,
      lastMessage: lastSend
        ? pendingItem(state, id, lastSend)
        : last && messageItem(state, chat, last),
      unreadCount: unreadCount(chat, state.me),
      isMentioned: isMentioned(chat, state.me),
      isMarkedUnread: me.markedUnread ?? false,
      seenSeq: me.seenSeq,
      lastSeq,
      role: me.role,
      mutedUntil: me.mutedUntil,
      pinnedAt: me.pinnedAt,
      archivedAt: me.archivedAt,
      draft: me.draft,
      typing: typists,
      pendingCount: sends.length,
    };
  }
}
