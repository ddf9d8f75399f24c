import type { Chat as ChatAnswer, Log, User } from '@natter/protocol';
import { dataOf, type LiveDevice } from './live-device.js';
import { Mismatch, requireEqual } from './mismatch.js';
import { ListChecks } from './list-checks.js';
import type { Names } from './names.js';
import {
  chatView,
  entryView,
  messageView,
  publicView,
  SNAPSHOT,
  snapshotView,
  TIME,
  visibleMessages,
} from './views.js';
import { canSee, type Chat, marksOf, type Message, messagesOf, type World } from './world.js';

/** What one device of a reader sees, compared with the model. */
export class Checks {
  constructor(
    private readonly world: World,
    private readonly names: Names,
    private readonly device: LiveDevice,
    private readonly reader: string,
  ) {}

  /** The chat and its newest messages, by the socket where there is one. */
  async glance(chat: Chat, isConnected: boolean): Promise<void> {
    if (!chat.members.has(this.reader) || !isConnected) return this.chat(chat);
    const what = `joinChat of ${chat.name} by ${this.device.name}`;
    const answer = await this.device.command('joinChat', { chatId: chat.name, limit: SNAPSHOT });
    const expected = snapshotView(this.world, chat, this.reader);
    requireEqual(this.names.toNames(dataOf(answer, what)), expected, what);
  }

  /** Everything that the reader can ask for. The numbers decide how it is cut into pages. */
  async everything(numbers: () => number): Promise<void> {
    const lists = new ListChecks(this.world, this.names, this.device, this.reader);
    await this.privacy();
    await lists.chats(numbers);
    await lists.stars(numbers);
    await lists.blocks(numbers);
    for (const chat of this.world.chats) {
      await this.chat(chat);
      if (!chat.members.has(this.reader)) {
        await this.closed(chat);
        continue;
      }
      await lists.members(chat, numbers);
      await this.history(chat, numbers);
      await this.log(chat, numbers);
      await lists.pins(chat, numbers);
      const known = messagesOf(chat).filter(({ name }) => this.names.knows(name));
      const message = known[numbers() % Math.max(1, known.length)];
      if (message) await this.message(message);
    }
  }

  private async privacy(): Promise<void> {
    const what = `the privacy of ${this.reader}`;
    const { privacy } = dataOf(await this.device.request('getOwnUser', {}), what) as User;
    const { showsSeen: seen, addToGroups } = this.world.user(this.reader);
    requireEqual(privacy, { presence: 'contacts', seen, addToGroups }, what);
  }

  /** One page of history from anywhere. */
  async page(chat: Chat, a: number, b: number): Promise<void> {
    const limit = 1 + (a % 5);
    const bound = b % (chat.entries.length + 2);
    const kind = (['before', 'after', 'around', undefined] as const)[a % 4];
    const visible = visibleMessages(chat, this.reader);
    const query = { limit, ...(kind && { [kind]: bound }) };
    const what = `history of ${chat.name} for ${this.reader} with ${JSON.stringify(query)}`;
    const answer = await this.device.request('getHistory', { params: { id: chat.name }, query });
    if (!chat.members.has(this.reader)) {
      requireEqual(answer, { code: 'NOT_FOUND' }, what);
      return;
    }
    const { items, hasMoreBefore, hasMoreAfter } = dataOf(answer, what) as {
      items: { seq: number }[];
      hasMoreBefore: boolean;
      hasMoreAfter: boolean;
    };
    const after = visible.filter(({ seq }) => seq > bound).slice(0, limit);
    const before = visible.filter(({ seq }) => kind === undefined || seq < bound).slice(-limit);
    // How a page around lies is the server's business, but for what it is around.
    const around = visible.filter(({ seq }) => items.some((item) => item.seq === seq));
    const expected = { before, after, around, none: before }[kind ?? 'none'];
    requireEqual(
      this.names.toNames(items),
      expected.map((message) => messageView(message, this.reader)),
      what,
    );
    const [first, last] = [expected[0], expected.at(-1)].map((one) =>
      one ? visible.indexOf(one) : -1,
    ) as [number, number];
    if (kind === 'around' && visible.length > 0) {
      const nearest = visible.find(({ seq }) => seq >= bound);
      const isRun = last - first + 1 === items.length && items.length <= limit;
      if ((expected.length > 0 && !isRun) || (nearest && !expected.includes(nearest))) {
        throw new Mismatch(`${what}: ${items.map(({ seq }) => seq).join()}`);
      }
    }
    if (expected.length > 0) {
      const flags = { hasMoreBefore: first > 0, hasMoreAfter: last < visible.length - 1 };
      requireEqual({ hasMoreBefore, hasMoreAfter }, flags, what);
    }
  }

  private async chat(chat: Chat): Promise<void> {
    const what = `getChat of ${chat.name} by ${this.device.name}`;
    const answer = await this.device.request('getChat', { params: { id: chat.name } });
    const isShown = chat.visibility === 'public' && chat.members.size > 0;
    if (!chat.members.has(this.reader) && !isShown) {
      requireEqual(answer, { code: 'NOT_FOUND' }, what);
      return;
    }
    const data = dataOf(answer, what);
    const expected = chat.members.has(this.reader)
      ? chatView(this.world, chat, this.reader)
      : publicView(chat);
    requireEqual(this.names.toNames(data), expected, what);
    this.activity(chat, data as ChatAnswer, what);
  }

  /** CHAT-4: the newest message's time. */
  private activity(chat: Chat, { lastActivityAt }: ChatAnswer, what: string): void {
    const newest = messagesOf(chat).at(-1);
    const at = newest && this.names.createdAtOf(newest.name);
    if (at !== undefined) requireEqual(lastActivityAt, at, `${what}: lastActivityAt`);
  }

  /** Nothing below a chat is there for who is not in it (PRIV-1). */
  private async closed(chat: Chat): Promise<void> {
    const params = { id: chat.name };
    for (const route of ['getHistory', 'getLog', 'listPins', 'listMembers'] as const) {
      const answer = await this.device.request(route, { params });
      requireEqual(answer, { code: 'NOT_FOUND' }, `${route} of ${chat.name} by ${this.reader}`);
    }
  }

  private async history(chat: Chat, numbers: () => number): Promise<void> {
    const what = `the history of ${chat.name} for ${this.reader}`;
    const items: { seq: number }[] = [];
    for (let hasMore = true; hasMore;) {
      const query = { after: items.at(-1)?.seq ?? 0, limit: 1 + (numbers() % 30) };
      const answer = await this.device.request('getHistory', { params: { id: chat.name }, query });
      const page = dataOf(answer, what) as { items: { seq: number }[]; hasMoreAfter: boolean };
      items.push(...page.items);
      hasMore = page.hasMoreAfter;
    }
    const expected = visibleMessages(chat, this.reader);
    requireEqual(
      this.names.toNames(items),
      expected.map((message) => messageView(message, this.reader)),
      what,
    );
  }

  /** The log is dense for every reader; what he cannot see is skipped (SYNC-4). */
  private async log(chat: Chat, numbers: () => number): Promise<void> {
    const what = `the log of ${chat.name} for ${this.reader}`;
    const entries: { event: string; payload: unknown }[] = [];
    for (let hasMore = true; hasMore;) {
      const query = { after: entries.length, limit: 1 + (numbers() % 60) };
      const answer = await this.device.request('getLog', { params: { id: chat.name }, query });
      const page = dataOf(answer, what) as Log;
      entries.push(...spread(this.names.toNames(page.entries)));
      hasMore = page.hasMore;
    }
    const expected = chat.entries.map((entry) => entryView(entry, this.reader, false));
    requireEqual(entries, expected, what);
  }

  /** A message by itself, who received it, and who reacted. */
  async message(message: Message): Promise<void> {
    const params = { id: message.name };
    const what = `${message.name} for ${this.reader}`;
    const [one, receipts, reactions] = await Promise.all([
      this.device.request('getMessage', { params }),
      this.device.request('getReceipts', { params }),
      this.device.request('listReactions', { params }),
    ]);
    if (!canSee(message, this.reader)) {
      const none = { code: 'NOT_FOUND' };
      requireEqual([one, receipts, reactions], [none, none, none], what);
      return;
    }
    requireEqual(this.names.toNames(dataOf(one, what)), messageView(message, this.reader), what);
    requireEqual(
      this.names.toNames(dataOf(reactions, what)),
      { items: message.reactions.map(({ user, emoji }) => ({ user, emoji, at: TIME })) },
      `the reactions to ${what}`,
    );
    const { delivered, seen } = dataOf(receipts, what) as Record<string, { userId: string }[]>;
    const users = (list: { userId: string }[] | undefined) =>
      list?.map(({ userId }) => this.names.toNames(userId)).toSorted();
    requireEqual(
      { delivered: users(delivered), seen: users(seen) },
      this.receiptsOf(message),
      `the receipts of ${what}`,
    );
  }

  /** RCPT-1: without the sender and those who joined later. */
  private receiptsOf({ chat, seq, sender, silencedFor }: Message): {
    delivered: string[];
    seen: string[];
  } {
    const others = [...chat.members].filter(
      ([user, member]) => user !== sender && member.joinedSeq <= seq && !silencedFor.has(user),
    );
    const marks = ([user, member]: (typeof others)[number]) =>
      marksOf(member, user === this.reader);
    const who = (some: typeof others) => some.map(([user]) => user).toSorted();
    const showsSeen = (user: string) => this.world.user(user).showsSeen;
    const isOpen = (user: string) => showsSeen(this.reader) && showsSeen(user);
    return {
      delivered: who(others.filter((one) => marks(one).delivered >= seq)),
      seen: who(others.filter((one) => marks(one).seen >= seq && isOpen(one[0]))),
    };
  }
}

/** Entries one by one: what is skipped in one, as many. */
export function spread(entries: unknown): { event: string; payload: unknown }[] {
  return (entries as { event: string; payload: { seq: number; toSeq?: number } }[]).flatMap(
    ({ event, payload }) => {
      if (event !== 'entrySkipped' || payload.toSeq === undefined) return [{ event, payload }];
      const { toSeq, ...first } = payload;
      return Array.from({ length: toSeq - first.seq + 1 }, (_, index) => ({
        event,
        payload: { ...first, seq: first.seq + index },
      }));
    },
  );
}
