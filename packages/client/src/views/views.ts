import type { ChatFilter, ChatId, MemberRole, UserId } from '@natter/protocol';
import { type ChatState, type ClientState, pinsOf, type Star, starsOf } from '../core/index.js';
import { expiryOf } from '../core/expiry.js';
import type { Model } from '../engine/model.js';
import { isSameList, isShallowEqual, type Readable } from '../readable.js';
import { type ChatItem, ChatItems } from './chat-item.js';
import { OptimisticState } from './optimistic.js';
import { type MessageItem, messageItem } from './message-item.js';
import { People, type Person } from './people.js';
import { type TimelineItem, TimelineItems } from './timeline-items.js';

/** A member of a chat. */
export interface MemberItem {
  readonly person: Person;
  readonly role: MemberRole;
  /** Known from a list of members alone. */
  readonly joinedAt: string | undefined;
  /** How far he has received and seen; 0 where that is not told. */
  readonly deliveredSeq: number;
  readonly seenSeq: number;
}

/** Which chats a list shows: as the filters of `GET /v1/chats`; all but `archived` are without the archived ones. */
export type ListFilter = Exclude<ChatFilter, 'public'>;

function fits(chat: ChatItem, filter: ListFilter): boolean {
  if (filter === 'archived') return chat.archivedAt !== undefined;
  if (chat.archivedAt !== undefined) return false;
  switch (filter) {
    case 'all':
      return true;
    case 'unread':
      return chat.isMarkedUnread || chat.unreadCount !== 0;
    case 'direct':
    case 'group':
      return chat.type === filter;
  }
}

/** Pinned ones first, then the most recently active: the order of `GET /v1/chats`. */
function inOrder(a: ChatItem, b: ChatItem): number {
  const isPinned = Number(b.pinnedAt !== undefined) - Number(a.pinnedAt !== undefined);
  if (isPinned !== 0) return isPinned;
  if (a.lastActivityAt !== b.lastActivityAt) return a.lastActivityAt < b.lastActivityAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** A timeline that is as it was while nothing of what it was made of has changed, and nothing of it expired. */
interface MadeTimeline {
  readonly maker: TimelineItems;
  readonly made: readonly unknown[];
  readonly items: readonly TimelineItem[];
}

const NOTHING: readonly TimelineItem[] = [];
/** What of the model is shown, built when it is asked for; what has not changed is the same object as the last time. */
export class Views {
  private readonly optimistic = new OptimisticState();
  private readonly people = new People();
  private readonly items = new ChatItems(this.people);

  private readonly timelines = new Map<ChatId, MadeTimeline>();

  constructor(readonly model: Readable<Model>) {}

  /** With what waits in the outbox. */
  state(): ClientState | undefined {
    return this.optimistic.of(this.model.getSnapshot());
  }

  person(id: UserId): Person | undefined {
    const state = this.state();
    return state?.users.has(id) ? this.people.of(state, id) : undefined;
  }

  chat(id: ChatId): ChatItem | undefined {
    const state = this.state();
    const chat = state?.chats.get(id);
    return state && chat && this.items.of(this.model.getSnapshot(), state, chat);
  }

  chats(filter: ListFilter): ChatItem[] {
    const [model, state] = [this.model.getSnapshot(), this.state()];
    if (!state) return [];
    return [...state.chats.values()]
      .map((chat) => this.items.of(model, state, chat))
      .filter((chat) => fits(chat, filter))
      .toSorted(inOrder);
  }

  members(id: ChatId): MemberItem[] {
    const state = this.state();
    return [...(state?.chats.get(id)?.members ?? [])].flatMap(([userId, member]) =>
      state
        ? {
            person: this.people.of(state, userId),
            role: member.role,
            joinedAt: member.joinedAt,
            deliveredSeq: member.deliveredSeq,
            seenSeq: member.seenSeq ?? 0,
          }
        : [],
    );
  }

  /** As `chat.members`. What is missing is named by how many there are of how many. */
  missingMembers(id: ChatId): string | undefined {
    const chat = this.state()?.chats.get(id);
    if (!chat || chat.members.size >= chat.info.memberCount) return undefined;
    return `${chat.members.size}/${chat.info.memberCount}`;
  }

  /** What is pinned and loaded, the last one first; `undefined` until it is known what is pinned. */
  pins(id: ChatId): MessageItem[] | undefined {
    return this.itemsOf(placesOfPins(this.state()?.chats.get(id)));
  }

  missingPins(id: ChatId): string | undefined {
    const chat = this.state()?.chats.get(id);
    return chat && this.missingOf(placesOfPins(chat));
  }

  /** What is starred and loaded, the last one first; `undefined` until it is known what is starred. */
  stars(): MessageItem[] | undefined {
    const state = this.state();
    return this.itemsOf(state && starsOf(state));
  }

  missingStars(): string | undefined {
    const state = this.state();
    return state && this.missingOf(starsOf(state));
  }

  private itemsOf(places: readonly Star[] | undefined): MessageItem[] | undefined {
    const state = this.state();
    return places?.flatMap(({ chatId, messageId }) => {
      const chat = state?.chats.get(chatId);
      const message = chat?.messages.get(messageId);
      return state && chat && message ? messageItem(state, chat, message) : [];
    });
  }

  /** Which messages of a list are not loaded, or that the list itself is not. */
  private missingOf(places: readonly Star[] | undefined): string | undefined {
    if (!places) return 'list';
    const chats = this.state()?.chats;
    const missing = places.filter(
      ({ chatId, messageId }) => !chats?.get(chatId)?.messages.has(messageId),
    );
    return missing.length === 0 ? undefined : missing.map(({ messageId }) => messageId).join();
  }

  timeline(id: ChatId, now: string): readonly TimelineItem[] {
    const [model, state] = [this.model.getSnapshot(), this.state()];
    const chat = state?.chats.get(id);
    if (!state || !chat) return NOTHING;
    const made = [chat, state.users, model.islands.get(id), model.outbox, model.uploads];
    const known = this.timelines.get(id);
    if (known && now < expiryOf(chat.messages) && isShallowEqual(known.made, made))
      return known.items;
    const maker = known?.maker ?? new TimelineItems();
    const items = maker.of(model, state, chat, now);
    this.timelines.set(id, { maker, made, items });
    return items;
  }
}

function placesOfPins(chat: ChatState | undefined): Star[] | undefined {
  return chat && pinsOf(chat)?.map((messageId) => ({ chatId: chat.id, messageId }));
}

/** As `isSameList`, where there may be no list yet. */
export function isSameListOrNone<T>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
): boolean {
  return a === b || (a !== undefined && b !== undefined && isSameList(a, b));
}

/** As `isSameList`, where each item is made anew. */
export function isAlikeList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => isShallowEqual(item, b[index]));
}
