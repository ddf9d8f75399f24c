import { randomUUID } from 'node:crypto';
import type { Message } from '@natter/protocol';
import { type TestSocket, TestUser } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Plans, type TableUse, usesByPlans } from './table-uses.js';
import { createUnevenWorld, PEOPLE, PINS, type UnevenWorld } from './uneven-world.js';

const PAGE = 50;

/** Of each table but the messages, what an answer may read that shows a page or less: not even all that the reader has. */
const FEW = 300;
/** Of messages: half of the newest are hidden, and a window in search of the others is eight times as wide as a page. */
const MESSAGES_OF_PAGES = 25 * PAGE;
/** What an answer may read that is about all own chats: some rows for each, and not the members of the large group. */
const ALL_OWN = 3500;

// Neither what a server looks through when it starts, nor what it indexes beside.
const TABLES = [
  'messages',
  'changes',
  'members',
  'marks',
  'preferences',
  'hidden',
  'stars',
  'reactions',
  'users',
  'user_streams',
  'user_events',
];

let world: UnevenWorld;

beforeAll(async () => {
  world = await createUnevenWorld();
}, 120_000);
afterAll(() => world.database.drop());

type Act = (user: TestUser) => Promise<unknown>;

function page(query: Readonly<Record<string, string>>): Act {
  return async (user) => {
    const { body } = await user.call('getHistory', { params: { id: world.largeChat }, query });
    expect(body.items.length).toBeGreaterThanOrEqual(PAGE);
  };
}

/** What shows so many items. */
function list(count: number, read: (user: TestUser) => Promise<readonly unknown[]>): Act {
  return async (user) => {
    expect(await read(user)).toHaveLength(count);
  };
}

/** Beside what is read for a connection. */
function commanded(command: (socket: TestSocket, url: string) => Promise<unknown>): Act {
  return async (user) => {
    const socket = await user.connect();
    try {
      await command(socket, user.url);
    } finally {
      socket.close();
    }
  };
}

async function messageIn(chatId: string, seq: number): Promise<string> {
  const [row] = await world.run(
    'select id from messages where chat_id = $1 and seq = $2',
    chatId,
    seq,
  );
  return row?.id ?? '';
}

async function send(
  user: TestUser,
  chatId: string,
  more: { replyToId?: string; mentions?: readonly string[] } = {},
): Promise<Message> {
  const body = { kind: 'text', text: 'new', clientMessageId: randomUUID(), ...more };
  const answer = await user.call('sendMessage', { params: { id: chatId }, body });
  return answer.body.message;
}

async function mention(user: TestUser): Promise<void> {
  // The second one is nobody: who looks through the members for him comes to the last of them.
  const mentions = [world.writer.id, randomUUID()];
  const { id, mentions: known } = await send(user, world.largeGroup, { mentions });
  expect(known).toEqual([world.writer.id]);
  await user.call('editMessage', { params: { id }, body: { text: 'edited', mentions } });
}

/** Of the writer, who has sent nearly all that there is in the reader's chats. */
async function forward({ url }: TestUser): Promise<void> {
  const id = await messageIn(world.largeChat, 4001);
  const chatIds = world.ownChats.slice(1, 11);
  const body = { chatIds, clientMessageIds: chatIds.map(() => randomUUID()) };
  const user = new TestUser(url, world.writer.session);
  await user.call('forwardMessage', { params: { id }, body });
}

async function react(user: TestUser): Promise<void> {
  const params = { id: await messageIn(world.largeGroup, 4), emoji: '👍' };
  await user.call('addReaction', { params });
  await user.call('removeReaction', { params });
}

async function seeInGroup(socket: TestSocket, url: string): Promise<void> {
  const { seq } = await send(new TestUser(url, world.writer.session), world.largeGroup);
  await socket.command('messageSeen', { chatId: world.largeGroup, seq });
  const [mark] = await world.run(
    'select user_id as id from marks where chat_id = $1 and user_id = $2 and seen_seq = $3',
    world.largeGroup,
    world.reader.id,
    seq,
  );
  expect(mark).toBeDefined();
}

async function syncOne(socket: TestSocket, url: string): Promise<void> {
  const { cursor } = await socket.command('sync', {});
  await send(new TestUser(url, world.writer.session), world.smallChat);
  const { entries } = await socket.command('sync', { cursor });
  expect(entries.length).toBeGreaterThan(0);
}

async function syncByPages(socket: TestSocket, url: string): Promise<void> {
  const { cursor } = await socket.command('sync', {});
  const writer = new TestUser(url, world.writer.session);
  for (const id of world.ownChats.slice(1, 4)) await send(writer, id);
  const { hasMore } = await socket.command('sync', { cursor, limit: 2 });
  expect(hasMore).toBe(true);
}

const limit = String(PAGE);

/** What shows a page or less, or does something to one message. */
const ofOne: Readonly<Record<string, Act>> = {
  'SEQ-2 the newest page': page({}),
  'SEQ-2 the page before one': page({ before: '5000' }),
  'SEQ-2 the page after one': page({ after: '5000' }),
  'SEQ-2 the page around one': page({ around: '9000' }),
  'SEQ-1 a page of the log': list(PAGE, async (user) => {
    const query = { after: '5000', limit };
    return (await user.call('getLog', { params: { id: world.largeChat }, query })).body.entries;
  }),
  'CHAT-3 a small chat': (user) => user.readChat(world.smallChat),
  'CHAT-3 the large group': (user) => user.readChat(world.largeGroup),
  'CHAT-3 a page of its members': list(PAGE, async (user) => {
    const params = { id: world.largeGroup };
    return (await user.call('listMembers', { params, query: { limit } })).body.items;
  }),
  'MSG-1 a page of stars': list(
    PAGE,
    async (user) => (await user.call('listStars', { query: { limit } })).body.items,
  ),
  'MSG-1 a page of pins': list(PINS, async (user) => {
    const params = { id: world.largeChat };
    return (await user.call('listPins', { params, query: { limit } })).body.items;
  }),
  'MSG-1 a message': async (user) =>
    user.call('getMessage', { params: { id: await messageIn(world.largeChat, 4000) } }),
  'MEDIA-2 a file': (user) => user.call('getMedia', { params: { id: world.mediaId } }),
  'DUR-1 a send': (user) => send(user, world.largeChat),
  'DUR-1 an answer': async (user) =>
    send(user, world.largeChat, { replyToId: await messageIn(world.largeChat, 4000) }),
  'DUR-1 a send to the large group': (user) => send(user, world.largeGroup),
  'MSG-1 a mention in the large group': mention,
  'MSG-5 a message forwarded to ten chats': forward,
  'MSG-6 a reaction in the large group': react,
};

/** What is about all own chats. */
const ofAll: Readonly<Record<string, Act>> = {
  'USER-1 somebody in all of the chats': (user) =>
    user.call('getUser', { params: { id: world.writer.id } }),
  'CHAT-3 what opens the large group': commanded((socket) =>
    socket.command('joinChat', { chatId: world.largeGroup }),
  ),
  'RCPT-2 a mark in the large group': commanded(seeInGroup),
  'TYP-1 typing in the large group': commanded((socket) =>
    socket.command('typing', { chatId: world.largeGroup }),
  ),
  'CHAT-4 the chat list': list(
    PAGE,
    async (user) => (await user.call('listChats', { query: { limit } })).body.items,
  ),
  'CHAT-4 unread chats': list(
    PAGE,
    async (user) =>
      (await user.call('listChats', { query: { limit, filter: 'unread' } })).body.items,
  ),
  'CHAT-4 chats by name': list(
    PAGE,
    async (user) => (await user.call('listChats', { query: { limit, query: 'group' } })).body.items,
  ),
  'SRCH-1 a search': list(10, async (user) => {
    const query = { query: 'words', limit: '10' };
    return (await user.call('searchMessages', { query })).body.items;
  }),
  'SYNC-1 a sync': commanded(syncOne),
  'SYNC-1 a sync by pages': commanded(syncByPages),
};

describe.each<Plans>(['custom', 'generic'])('by %s plans', (plans) => {
  const usesOf = (act: Act) =>
    usesByPlans(world.database.url, plans, (url) => act(new TestUser(url, world.reader.session)));

  function expectLittle(uses: ReadonlyMap<string, TableUse>, most: number): void {
    for (const table of TABLES) {
      const mostOfTable = table === 'messages' ? Math.max(most, MESSAGES_OF_PAGES) : most;
      expect(uses.get(table)?.scans, `scans of ${table}`).toBe(0);
      expect(uses.get(table)?.entries, `entries of ${table}`).toBeLessThanOrEqual(mostOfTable);
    }
  }

  it.each(Object.entries(ofOne))('%s reads little', async (_, act) => {
    expectLittle(await usesOf(act), FEW);
  });

  it.each(Object.entries(ofAll))('%s reads little of each own chat', async (_, act) => {
    expectLittle(await usesOf(act), ALL_OWN);
  });

  it('RCPT-1 who has a message in the large group reads no member for each of them', async () => {
    const params = { id: await messageIn(world.largeGroup, 4) };
    const uses = await usesOf(
      list(1, async (user) => (await user.call('getReceipts', { params })).body.delivered),
    );
    // The marks of all are looked at, so that another way to read a table may be as good.
    for (const table of TABLES) {
      expect(uses.get(table)?.entries, `entries of ${table}`).toBeLessThanOrEqual(3 * PEOPLE);
    }
  });
});
