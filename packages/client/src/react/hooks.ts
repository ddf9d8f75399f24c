import type { User } from '@natter/protocol';
import { type RefCallback, useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { ChatHandle } from '../chat.js';
import type { ConnectionState } from '../engine/model.js';
import type { OutboxItem } from '../outbox/outbox-item.js';
import { type Readable, select } from '../readable.js';
import type { Timeline, TimelinePlace, TimelineSnapshot } from '../timeline/timeline.js';
import type { ChatItem } from '../views/chat-item.js';
import type { MessageItem } from '../views/message-item.js';
import type { Person } from '../views/people.js';
import type { TimelineItem } from '../views/timeline-items.js';
import type { ListFilter, MemberItem } from '../views/views.js';
import { useChatClient } from './provider.js';

/** The value of any readable, or a part of it; renders again only when that has changed. */
export function useReadable<T>(source: Readable<T>): T;
export function useReadable<T, S>(
  source: Readable<T>,
  selector: (value: T) => S,
  isEqual?: (a: S, b: S) => boolean,
): S;
export function useReadable<T, S>(
  source: Readable<T>,
  selector?: (value: T) => S,
  isEqual?: (a: S, b: S) => boolean,
): T | S {
  // The selector is taken from the first render: it is mostly written in place, and new each time.
  const part = useMemo<Readable<T | S>>(
    () => (selector ? select(source, selector, isEqual) : source),
    [source],
  );
  const subscribe = useCallback((listener: () => void) => part.subscribe(listener), [part]);
  const getSnapshot = useCallback(() => part.getSnapshot(), [part]);
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}

/** How the client stands to its server: for the banner. */
export function useConnection(): ConnectionState {
  return useReadable(useChatClient().connection);
}

/** The user who is logged in; `undefined` until that is known. */
export function useMe(): User | undefined {
  return useReadable(useChatClient().me);
}

/** The user's chats, live: pinned ones first, then the most recently active. */
export function useChats(filter: ListFilter = 'all'): readonly ChatItem[] {
  const client = useChatClient();
  return useReadable(useMemo(() => client.chats.list({ filter }), [client, filter]));
}

/** A chat to act on, and how it is shown, which is `undefined` while it is not known. */
export function useChat(chatId: string): readonly [ChatHandle, ChatItem | undefined] {
  const client = useChatClient();
  const chat = useMemo(() => client.chats.open(chatId), [client, chatId]);
  return [chat, useReadable(chat)];
}

/**
 * A chat's messages and the timeline to act on. It begins at `place`, and loads what is missing there.
 *
 * Give each item to a memoized row: the item of a message is the same object until that message changes.
 */
export function useTimeline(
  chatId: string,
  place: TimelinePlace = 'end',
): readonly [Timeline, TimelineSnapshot] {
  const client = useChatClient();
  const timeline = useMemo(() => client.chats.open(chatId).timeline(), [client, chatId]);
  const { status } = useConnection();
  useEffect(() => {
    // A failure is in the snapshot.
    if (status === 'live') timeline.jumpTo(place).catch(() => undefined);
    // Where it begins is of the first time alone.
  }, [timeline, status]);
  return [timeline, useReadable(timeline)];
}

/** The members of a chat; those of a large group are loaded by this, which shows the first 20 until then. */
export function useMembers(chatId: string): readonly MemberItem[] {
  const client = useChatClient();
  return useReadable(useMemo(() => client.chats.open(chatId).members, [client, chatId]));
}

/** What is pinned in a chat, the last one first; `undefined` until that is loaded. */
export function usePins(chatId: string): readonly MessageItem[] | undefined {
  const client = useChatClient();
  return useReadable(useMemo(() => client.chats.open(chatId).pins, [client, chatId]));
}

/** What the user starred in all of his chats, the last one first; `undefined` until that is loaded. */
export function useStars(): readonly MessageItem[] | undefined {
  return useReadable(useChatClient().stars);
}

/** A user as he is called now, and whether he is online; one who was never met is asked for. */
export function usePerson(userId: string): Person | undefined {
  const client = useChatClient();
  return useReadable(useMemo(() => client.users.person(userId), [client, userId]));
}

/** What waits for the server, and for the user where it `failed`. */
export function useOutbox(): readonly OutboxItem[] {
  return useReadable(useChatClient().outbox);
}

/** How many messages are unread in all chats that are not archived; what is not known counts as none. */
export function useUnreadCount(): number {
  const chats = useChats();
  return chats.reduce((sum, { unreadCount = 0 }) => sum + unreadCount, 0);
}

/** For the element of a message's row: when half of it is in view, the message counts as seen. */
export function useSeenRef(timeline: Timeline, item: TimelineItem): RefCallback<Element> {
  return useCallback(
    (element: Element | null) => {
      if (!element || item.type !== 'message' || item.isOwn) return undefined;
      const observer = new IntersectionObserver(
        (entries) => {
          if (entries.some(({ isIntersecting }) => isIntersecting)) timeline.reportVisible(item);
        },
        { threshold: 0.5 },
      );
      observer.observe(element);
      return () => observer.disconnect();
    },
    [timeline, item],
  );
}
