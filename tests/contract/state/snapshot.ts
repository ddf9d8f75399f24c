import {
  applyHistory,
  applyPins,
  applySnapshot,
  applyStars,
  chatView,
  type ClientState,
  emptyState,
  type MemberState,
  messagesOf,
  pinsOf,
  starsOf,
  unreadCount,
} from '@natter/client';
import type { Chat, ChatId, Device, Member, Message, User } from '@natter/protocol';
import type { TestUser } from '@natter/testing';

/** What the server shows a user, read anew and in full. */
export interface Snapshot {
  readonly profile: User;
  readonly devices: readonly Device[];
  readonly chats: readonly Chat[];
  readonly history: ReadonlyMap<ChatId, readonly Message[]>;
  readonly pins: ReadonlyMap<ChatId, readonly Message[]>;
  readonly stars: readonly Message[];
  readonly blocks: readonly User[];
}

/** Small, so that every list has several pages. */
const PAGE = 7;

interface PageOf<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

async function allPages<T>(read: (query: { cursor?: string }) => Promise<{ body: PageOf<T> }>) {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await read(cursor === undefined ? {} : { cursor });
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/** All of a chat's history, by `seq`. */
async function readHistory(user: TestUser, id: ChatId): Promise<readonly Message[]> {
  let messages: readonly Message[] = [];
  for (;;) {
    const bound: { before: number } | undefined = messages[0] && { before: messages[0].seq };
    const { body } = await user.call('getHistory', {
      params: { id },
      query: { limit: PAGE, ...bound },
    });
    messages = [...body.items, ...messages];
    if (!body.hasMoreBefore) return messages;
  }
}

export async function readSnapshot(user: TestUser): Promise<Snapshot> {
  const [{ body: profile }, { body: devices }, active, archived, stars, blocks] = await Promise.all(
    [
      user.call('getOwnUser'),
      user.call('listDevices'),
      allPages((query) => user.call('listChats', { query: { limit: PAGE, ...query } })),
      allPages((query) =>
        user.call('listChats', { query: { limit: PAGE, filter: 'archived', ...query } }),
      ),
      allPages((query) => user.call('listStars', { query: { limit: PAGE, ...query } })),
      allPages((query) => user.call('listBlocks', { query: { limit: PAGE, ...query } })),
    ],
  );
  const chats = [...active, ...archived];
  const history = new Map<ChatId, readonly Message[]>();
  const pins = new Map<ChatId, readonly Message[]>();
  for (const { id } of chats) {
    history.set(id, await readHistory(user, id));
    pins.set(
      id,
      await allPages((query) =>
        user.call('listPins', { params: { id }, query: { limit: PAGE, ...query } }),
      ),
    );
  }
  return { profile, devices: devices.items, chats, history, pins, stars, blocks };
}

/** What a client begins with that reads the list of its chats. */
export function beginState(user: TestUser, snapshot: Snapshot): ClientState {
  return applySnapshot(emptyState(user.id, user.session.device.id), snapshot);
}

/** The same with all that is in the chats. */
export function openEverything(state: ClientState, snapshot: Snapshot): ClientState {
  let opened = openChats(state, snapshot);
  for (const [id, messages] of snapshot.pins) opened = applyPins(opened, id, messages);
  return applyStars(opened, snapshot.stars);
}

/** Loads the rest of each chat page by page, as a client does that scrolls to the beginning. */
export function openChats(state: ClientState, { history }: Snapshot): ClientState {
  let opened = state;
  for (const { id, loadedFrom } of state.chats.values()) {
    let rest = (history.get(id) ?? []).filter(({ seq }) => seq < loadedFrom);
    let before = loadedFrom;
    while (before > 1) {
      const items = rest.slice(-PAGE);
      rest = rest.slice(0, -PAGE);
      opened = applyHistory(opened, id, { items, hasMoreBefore: rest.length > 0 }, before);
      before = rest.length > 0 ? (items[0]?.seq ?? 1) : 1;
    }
  }
  return opened;
}

type Comparable = Record<string, unknown>;

function byId<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Nothing tells that a device was renamed or used, or subscribed to pushes. */
function deviceFacts({ id, platform, createdAt }: Device): Comparable {
  return { id, platform, createdAt };
}

/** What the state says, of all that it models. */
export function shownBy(state: ClientState): Comparable {
  const chats = byId([...state.chats.values()]);
  return {
    profile: state.profile,
    devices: byId([...state.devices.values()]).map(deviceFacts),
    chats: chats.map((chat) => {
      const { members, lastMessage, ...facts } = chatView(state, chat);
      return {
        ...facts,
        members,
        lastMessage: lastMessage ?? undefined,
        loaded: messagesOf(state, chat),
        pins: pinsOf(chat),
      };
    }),
    stars: starsOf(state),
    blocked: [...state.blocked],
  };
}

/** The same of a snapshot, as far as the state claims to know it. */
export function expectedOf(snapshot: Snapshot, state: ClientState): Comparable {
  return {
    profile: snapshot.profile,
    devices: byId(snapshot.devices).map(deviceFacts),
    chats: byId(snapshot.chats).map((chat) => expectedChat(snapshot, chat, state)),
    blocked: snapshot.blocks.map(({ id }) => id),
    stars: state.starred && snapshot.stars.map(({ chatId, id }) => ({ chatId, messageId: id })),
  };
}

function expectedChat(snapshot: Snapshot, chat: Chat, state: ClientState): Comparable {
  const { participants = [], lastMessage, me, ...facts } = chat;
  const known = state.chats.get(chat.id);
  const history = snapshot.history.get(chat.id) ?? [];
  const isUnreadKnown = known && unreadCount(known, state.me) !== undefined;
  return {
    ...facts,
    me: me && { ...me, unreadCount: isUnreadKnown ? me.unreadCount : undefined },
    members: participants.map(({ user, ...member }) => ({
      userId: user.id,
      ...expectedMember(
        known?.members.get(user.id),
        user.id !== state.me && snapshot.profile.privacy?.seen === true,
        member,
      ),
    })),
    lastMessage,
    loaded: history.filter(({ seq }) => seq >= (known?.loadedFrom ?? 0)),
    pins: known && pinsOf(known) && snapshot.pins.get(chat.id)?.map(({ id }) => id),
  };
}

function expectedMember(
  known: MemberState | undefined,
  isSeenShown: boolean,
  { joinedAt, seenSeq, seenHidden, ...member }: Omit<Member, 'user'>,
): Comparable {
  // Nobody is told that somebody else hides what he has seen from now on, or shows it again.
  const isUntold = isSeenShown && (known?.seenHidden ?? false) !== (seenHidden ?? false);
  const isSeenKnown = known?.seenSeq !== undefined && !isUntold;
  const seen = isSeenKnown ? { seenSeq, seenHidden } : { seenSeq: known?.seenSeq };
  return {
    ...member,
    ...seen,
    ...(known?.joinedAt !== undefined && { joinedAt }),
  };
}
