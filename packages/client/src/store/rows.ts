import type { ChatEntry, ChatId, Device, MessageId, Sender, User, UserId } from '@natter/protocol';
import {
  type ChatState,
  type ClientState,
  emptyState,
  type Star,
  type StoredMessage,
} from '../core/index.js';
import { changedMessages, LoadedMessages } from '../core/loaded-messages.js';
import { changedEntries } from '../core/state.js';
import { initialModel, type Model } from '../engine/model.js';
import type { OutboxItem } from '../outbox/outbox-item.js';
import type { Range } from '../timeline/ranges.js';

/** Of which make the rows are; another one would need a migration. */
const FORMAT = 1;

/** A chat without its messages, which have rows of their own. */
interface ChatRow extends Omit<
  ChatState,
  'members' | 'heard' | 'messages' | 'unreadBelow' | 'hidden' | 'stars' | 'unplaced' | 'ahead'
> {
  readonly members: readonly (readonly [UserId, ItemOf<ChatState['members']>])[];
  readonly heard: readonly (readonly [UserId, ItemOf<ChatState['heard']>])[];
  /** JSON has no number for more than can be counted. */
  readonly unreadBelow: number | 'many' | undefined;
  readonly hidden: readonly MessageId[];
  readonly stars: readonly (readonly [MessageId, boolean])[];
  readonly unplaced: readonly (readonly [MessageId, ItemOf<ChatState['unplaced']>])[];
  readonly ahead: readonly (readonly [number, ChatEntry])[];
  readonly islands: readonly Range[];
}

type ItemOf<M> = M extends ReadonlyMap<unknown, infer V> ? V : never;

/** What is the user's own and in no chat, with the cursor that it all is as of. */
interface OwnRow {
  readonly format: typeof FORMAT;
  readonly deviceId: ClientState['deviceId'];
  readonly userSeq: number | undefined;
  readonly cursor: string | undefined;
  readonly profile: User | undefined;
  readonly devices: readonly Device[];
  readonly blocked: readonly UserId[];
  readonly starred: readonly Star[] | undefined;
}

interface OutboxRow {
  /** Ascending in the order of the outbox. */
  readonly place: number;
  readonly item: OutboxItem;
}

export const prefixOf = (user: UserId): string => `user/${user}/`;
const OWN = 'own';
const CHAT = 'chat/';
const MESSAGE = 'message/';
const PERSON = 'person/';
const OUTBOX = 'outbox/';

type Rows = Map<string, unknown>;

function chatRow(chat: ChatState, islands: readonly Range[]): ChatRow {
  const {
    members,
    heard,
    messages: _,
    unreadBelow,
    hidden,
    stars,
    unplaced,
    ahead,
    ...rest
  } = chat;
  return {
    ...rest,
    members: [...members],
    heard: [...heard],
    unreadBelow: unreadBelow === Number.POSITIVE_INFINITY ? 'many' : unreadBelow,
    hidden: [...hidden],
    stars: [...stars],
    unplaced: [...unplaced],
    ahead: [...ahead],
    islands,
  };
}

function chatOf(row: ChatRow, messages: LoadedMessages): ChatState {
  const { islands: _, members, heard, unreadBelow, hidden, stars, unplaced, ahead, ...rest } = row;
  return {
    ...rest,
    members: new Map(members),
    heard: new Map(heard),
    messages,
    unreadBelow: unreadBelow === 'many' ? Number.POSITIVE_INFINITY : unreadBelow,
    hidden: new Set(hidden),
    stars: new Map(stars),
    unplaced: new Map(unplaced),
    ahead: new Map(ahead),
    pins: rest.pins,
  };
}

function ownRow({ state, cursor }: Model): OwnRow | undefined {
  return (
    state && {
      format: FORMAT,
      deviceId: state.deviceId,
      userSeq: state.userSeq,
      cursor,
      profile: state.profile,
      devices: [...state.devices.values()],
      blocked: [...state.blocked],
      starred: state.starred,
    }
  );
}

function hasOwnChanged(before: Model, after: Model): boolean {
  const [a, b] = [before.state, after.state];
  return (
    before.cursor !== after.cursor ||
    a?.userSeq !== b?.userSeq ||
    a?.profile !== b?.profile ||
    a?.devices !== b?.devices ||
    a?.blocked !== b?.blocked ||
    a?.starred !== b?.starred ||
    a?.deviceId !== b?.deviceId
  );
}

/** `undefined` deletes. */
function put<K extends string>(rows: Rows, prefix: string, changes: ReadonlyMap<K, unknown>): void {
  for (const [key, value] of changes) rows.set(prefix + key, value);
}

function chatDifference(rows: Rows, prefix: string, before: Model, after: Model): void {
  const [known, now] = [before.state?.chats, after.state?.chats];
  const chats = changedEntries(known, now).keys();
  const islands = changedEntries(before.islands, after.islands).keys();
  for (const id of new Set([...chats, ...islands])) {
    const [old, chat] = [known?.get(id), now?.get(id)];
    rows.set(prefix + CHAT + id, chat && chatRow(chat, after.islands.get(id) ?? []));
    put(rows, `${prefix}${MESSAGE}${id}/`, changedMessages(old?.messages, chat?.messages));
  }
}

/** Numbers the places of an outbox; an item keeps its own. */
export class OutboxPlaces {
  private readonly places = new Map<string, number>();
  private last = 0;

  of({ id }: OutboxItem): number {
    const known = this.places.get(id);
    if (known !== undefined) return known;
    this.last += 1;
    this.places.set(id, this.last);
    return this.last;
  }

  /** Of an outbox that was read. */
  put({ place, item }: OutboxRow): void {
    this.places.set(item.id, place);
    this.last = Math.max(this.last, place);
  }

  forget(id: string): void {
    this.places.delete(id);
  }
}

function outboxDifference(
  rows: Rows,
  prefix: string,
  places: OutboxPlaces,
  before: Model,
  after: Model,
): void {
  if (before.outbox === after.outbox) return;
  const known = new Map(before.outbox.map((item) => [item.id, item]));
  for (const item of after.outbox) {
    if (known.get(item.id) !== item) {
      rows.set(prefix + OUTBOX + item.id, { place: places.of(item), item });
    }
    known.delete(item.id);
  }
  for (const id of known.keys()) {
    rows.set(prefix + OUTBOX + id, undefined);
    places.forget(id);
  }
}

/** What has to be written for a change of the model, all of one user. */
export function rowsBetween(user: UserId, before: Model, after: Model, places: OutboxPlaces): Rows {
  const rows: Rows = new Map();
  const prefix = prefixOf(user);
  if (hasOwnChanged(before, after)) rows.set(prefix + OWN, ownRow(after));
  put(rows, prefix + PERSON, changedEntries(before.state?.users, after.state?.users));
  chatDifference(rows, prefix, before, after);
  outboxDifference(rows, prefix, places, before, after);
  return rows;
}

/** Rows are written by `rowsBetween` alone; that one is whole is judged by what no other row has. */
function has<T>(value: unknown, ...keys: (keyof T)[]): value is T {
  return (
    typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key))
  );
}

const isOwnRow = (value: unknown): value is OwnRow =>
  has<OwnRow>(value, 'format', 'devices', 'blocked') && value.format === FORMAT;
const isChatRow = (value: unknown): value is ChatRow =>
  has<ChatRow>(value, 'id', 'lastSeq', 'members', 'islands');
const isMessage = (value: unknown): value is StoredMessage =>
  has<StoredMessage>(value, 'id', 'chatId', 'seq');
const isPerson = (value: unknown): value is Sender => has<Sender>(value, 'id', 'username');
const isOutboxRow = (value: unknown): value is OutboxRow => has<OutboxRow>(value, 'place', 'item');

/** Nothing is on its way when a client begins. */
function waiting(item: OutboxItem): OutboxItem {
  return item.status === 'sending' ? { ...item, status: 'queued' } : item;
}

/** The model that a user's rows were written of. */
export function modelOf(
  user: UserId,
  rows: readonly (readonly [string, unknown])[],
  places: OutboxPlaces,
): Model {
  const start = prefixOf(user).length;
  const values = (kind: string) =>
    rows.filter(([key]) => key.startsWith(kind, start)).map(([, value]) => value);
  const outbox = values(OUTBOX)
    .filter(isOutboxRow)
    .toSorted((a, b) => a.place - b.place);
  for (const row of outbox) places.put(row);
  const own = values(OWN).find(isOwnRow);
  const messages = new Map<ChatId, StoredMessage[]>();
  for (const message of values(MESSAGE).filter(isMessage)) {
    const ofChat = messages.get(message.chatId);
    if (ofChat) ofChat.push(message);
    else messages.set(message.chatId, [message]);
  }
  const chats = values(CHAT).filter(isChatRow);
  const empty = emptyState(user, own?.deviceId);
  const model = { ...initialModel, outbox: outbox.map(({ item }) => waiting(item)), state: empty };
  if (!own) return model;
  return {
    ...model,
    cursor: own.cursor,
    islands: new Map(
      chats.filter(({ islands }) => islands.length > 0).map(({ id, islands }) => [id, islands]),
    ),
    state: {
      ...empty,
      userSeq: own.userSeq,
      profile: own.profile,
      devices: new Map(own.devices.map((device) => [device.id, device])),
      blocked: new Set(own.blocked),
      starred: own.starred,
      users: new Map(
        values(PERSON)
          .filter(isPerson)
          .map((person) => [person.id, person]),
      ),
      chats: new Map(
        chats.map((row) => [row.id, chatOf(row, LoadedMessages.of(messages.get(row.id) ?? []))]),
      ),
    },
  };
}
