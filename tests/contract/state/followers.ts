import {
  applyAcknowledgement,
  applyEvent,
  type ClientState,
  gapsOf,
  type ServerEvent,
  unreadCount,
} from '@natter/client';
import {
  type CommandArguments,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  commands,
} from '@natter/protocol';
import type { TestSocket, TestUser } from '@natter/testing';
import { expect, vi } from 'vitest';
import * as z from 'zod/mini';
import {
  beginState,
  expectedOf,
  openChats,
  openEverything,
  readSnapshot,
  shownBy,
  type Snapshot,
} from './snapshot.js';

/** How long a state may take to become what it must. */
const PATIENCE_MS = 10_000;

/** One thing that a device learns: an event, or the answer to a command of its own. */
interface News {
  /** How many events had come before it. */
  readonly at: number;
  readonly event?: ServerEvent;
  readonly command?: CommandName;
  readonly learn: (state: ClientState) => ClientState;
}

function learn(state: ClientState, news: News): ClientState {
  return news.learn(state);
}

/** Entries of a chat and marks may come in any order, among themselves and beside the user's own stream. */
function isFree({ event }: News): boolean {
  return event !== undefined && !('userSeq' in event.payload);
}

/**
 * Before and after these, nothing may change places: a chat has to be there before its entries are of use, and which marks of
 * others a user is told of depends on what he shows himself (RCPT-1). Those of one member come in their order, so that none of
 * before such a change is told after one of later.
 */
const BARRIERS: ReadonlySet<string> = new Set(['chatAdded', 'chatRemoved', 'profileChanged']);

function isBarrier({ event }: News): boolean {
  return event === undefined || BARRIERS.has(event.event);
}

/** Answers too, but for marks, which are on no stream. */
function isOnLog({ event, command }: News): boolean {
  if (event) return 'seq' in event.payload;
  return command !== 'messageSeen' && command !== 'messageDelivered';
}

function isAnswer({ command }: News): boolean {
  return command !== undefined;
}

/** A generator of numbers from 0 to 1 (mulberry32), the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Everything twice, and out of order where the order does not matter. */
export function disturbed(news: readonly News[], random: () => number): News[] {
  const doubled = news.flatMap((item) => (item.event ? [item, item] : item));
  let segment = 0;
  const placed = doubled.map((item) => {
    if (isBarrier(item)) segment += 2;
    const place = { segment: isBarrier(item) ? segment - 1 : segment, key: random() };
    return { item, ...place };
  });
  // What has to keep its order takes the places that chance gave to it, in its own order.
  const keys = new Map<number, number[]>();
  for (const { item, segment, key } of placed) {
    if (!isFree(item)) keys.set(segment, [...(keys.get(segment) ?? []), key]);
  }
  for (const list of keys.values()) list.sort((a, b) => b - a);
  return placed
    .map((place) =>
      isFree(place.item) ? place : { ...place, key: keys.get(place.segment)?.pop() ?? 0 },
    )
    .toSorted((a, b) => a.segment - b.segment || a.key - b.key)
    .map(({ item }) => item);
}

/** One way in which a device keeps its state up to date. */
export interface Follower {
  readonly name: string;
  state: ClientState;
  /** Brings the state up to all that is known by now. */
  follow(): Promise<void>;
}

/** A device of a user: it acts, and follows by each of the ways at once. */
export class ActingDevice {
  readonly followers: Follower[] = [];
  private readonly answers: News[] = [];

  private constructor(
    readonly user: TestUser,
    readonly socket: TestSocket,
  ) {}

  /** The devices of a user, which begin with the same snapshot. */
  static async start(
    users: readonly TestUser[],
    random: () => number,
  ): Promise<readonly ActingDevice[]> {
    const devices: { device: ActingDevice; cursor: string }[] = [];
    for (const user of users) {
      const device = new ActingDevice(user, await user.connect());
      devices.push({ device, cursor: (await device.socket.command('sync', {})).cursor });
    }
    const [user] = users;
    if (!user) return [];
    const snapshot = await readSnapshot(user);
    return devices.map(({ device, cursor }) => device.begin(snapshot, cursor, random));
  }

  private begin(snapshot: Snapshot, cursor: string, random: () => number): this {
    const bare = beginState(this.user, snapshot);
    const full = openEverything(bare, snapshot);
    this.followers.push(
      this.live('live', full),
      this.live('live, with the chat list alone', bare),
      this.live('live, doubled and shuffled', full, (news) => disturbed(news, random)),
      this.synced('sync', full, cursor),
      this.synced('sync, with the chat list alone', bare, cursor),
      this.logged('log', full),
    );
    return this;
  }

  /** Sends a command; its answer is news to this device alone. */
  async command<K extends CommandName>(
    name: K,
    input: CommandArguments<K>,
  ): Promise<CommandOutput<K>> {
    const output = await this.socket.command(name, input);
    const parsed = z.parse(commands[name].input, input) as CommandInput<K>;
    this.answers.push({
      at: this.socket.received.length,
      command: name,
      learn: (state) => applyAcknowledgement(state, name, parsed, output),
    });
    return output;
  }

  /** Each of the ways leads to what a new device sees, and stays there when the chats are opened. */
  async expectSnapshot(snapshot: Snapshot): Promise<void> {
    for (const follower of this.followers) {
      const what = `${this.user.session.user.username}, ${follower.name}`;
      await vi.waitFor(
        async () => {
          await follower.follow();
          expectEqual(follower.state, snapshot, what);
        },
        { timeout: PATIENCE_MS, interval: 20 },
      );
      const opened = openChats(follower.state, snapshot);
      expectAllKnown(opened, what);
      expectEqual(opened, snapshot, `${what}, opened`);
    }
  }

  /** What came since the news numbered `from`, in the order in which it came. */
  private news(from: { events: number; answers: number }): News[] {
    const events = this.socket.received.slice(from.events).map((received, index): News => {
      const event = received as ServerEvent;
      return { at: from.events + index, event, learn: (state) => applyEvent(state, event) };
    });
    const answers = this.answers.slice(from.answers);
    from.events += events.length;
    from.answers += answers.length;
    return [...answers, ...events].toSorted((a, b) => a.at - b.at);
  }

  private live(
    name: string,
    state: ClientState,
    order: (news: News[]) => News[] = (news) => news,
  ): Follower {
    const position = { events: 0, answers: 0 };
    const follower: Follower = {
      name,
      state,
      follow: async () => {
        follower.state = order(this.news(position)).reduce(learn, follower.state);
      },
    };
    return follower;
  }

  /** As a device that was away and comes back. */
  private synced(name: string, state: ClientState, cursor: string): Follower {
    let position = cursor;
    const follower: Follower = {
      name,
      state,
      follow: async () => {
        for (;;) {
          const page = await this.socket.command('sync', { cursor: position, limit: 5 });
          expect(page.reset).toBe(false);
          follower.state = page.entries.reduce(applyEvent, follower.state);
          position = page.cursor;
          if (!page.hasMore) break;
        }
        expect(gapsOf(follower.state)).toEqual([]);
      },
    };
    return follower;
  }

  /** What is on the chats' streams is taken from their logs, and the rest as it comes. */
  private logged(name: string, state: ClientState): Follower {
    const position = { events: 0, answers: 0 };
    const follower: Follower = {
      name,
      state,
      follow: async () => {
        const others = this.news(position).filter((news) => !isOnLog(news));
        // What was marked may be named by a message that the log brings.
        const [answers, events] = [
          others.filter(isAnswer),
          others.filter((news) => !isAnswer(news)),
        ];
        follower.state = events.reduce(learn, follower.state);
        for (const chatId of follower.state.chats.keys()) await this.readLog(follower, chatId);
        follower.state = answers.reduce(learn, follower.state);
      },
    };
    return follower;
  }

  private async readLog(follower: Follower, id: string): Promise<void> {
    for (;;) {
      const chat = [...follower.state.chats.values()].find((known) => known.id === id);
      if (!chat) return;
      const { body } = await this.user.call('getLog', {
        params: { id },
        query: { after: chat.lastSeq, limit: 3 },
      });
      follower.state = body.entries.reduce(applyEvent, follower.state);
      if (!body.hasMore) return;
    }
  }
}

function expectEqual(state: ClientState, snapshot: Snapshot, what: string): void {
  expect(shownBy(state), what).toEqual(expectedOf(snapshot, state));
}

/** Of chats that are open, nothing is left that would have to be asked for. */
function expectAllKnown({ chats, me }: ClientState, what: string): void {
  const known = [...chats.values()];
  expect(
    known.filter(({ loadedFrom }) => loadedFrom !== 1).map(({ id }) => id),
    what,
  ).toEqual([]);
  expect(
    known.map((chat) => unreadCount(chat, me)),
    what,
  ).not.toContain(undefined);
}
