import { randomUUID } from 'node:crypto';
import { TestUser, type TestSocket } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Plans, usesByPlans } from './table-uses.js';
import { createUnevenWorld, PEOPLE, type UnevenWorld } from './uneven-world.js';

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

interface Act {
  readonly act: (user: TestUser) => Promise<unknown>;
  /** Of each table. */
  readonly most: number;
}

function page(query: Readonly<Record<string, string>>): Act['act'] {
  return async (user) => {
    const params = { id: world.ownChats[0] ?? '' };
    const { body } = await user.call('getHistory', { params, query });
    expect(body.items.length).toBeGreaterThanOrEqual(PAGE);
  };
}

/** Beside what is read for a connection. */
function commanded(command: (socket: TestSocket, url: string) => Promise<unknown>): Act['act'] {
  return async (user) => {
    const socket = await user.connect();
    await command(socket, user.url);
    socket.close();
  };
}

async function messageIn(chatId = '', seq: number): Promise<string> {
  const [row] = await world.run(
    'select id from messages where chat_id = $1 and seq = $2',
    chatId,
    seq,
  );
  return row?.id ?? '';
}

function sent(chatId = '', replyToId?: string): Parameters<TestUser['call']>[1] {
  const body = { kind: 'text', text: 'new', clientMessageId: randomUUID(), replyToId };
  return { params: { id: chatId }, body };
}

async function syncOne(socket: TestSocket, url: string): Promise<void> {
  const { cursor } = await socket.command('sync', {});
  await new TestUser(url, world.writer.session).call('sendMessage', sent(world.ownChats[1]));
  const { entries } = await socket.command('sync', { cursor });
  expect(entries.length).toBeGreaterThan(0);
}

async function syncByPages(socket: TestSocket, url: string): Promise<void> {
  const { cursor } = await socket.command('sync', {});
  const sender = new TestUser(url, world.writer.session);
  for (const id of world.ownChats.slice(1, 4)) await sender.call('sendMessage', sent(id));
  const { hasMore } = await socket.command('sync', { cursor, limit: 2 });
  expect(hasMore).toBe(true);
}

const acts: Readonly<Record<string, Act>> = {
  'SEQ-2 the newest page': { act: page({}), most: FEW },
  'SEQ-2 the page before one': { act: page({ before: '5000' }), most: FEW },
  'SEQ-2 the page after one': { act: page({ after: '5000' }), most: FEW },
  'SEQ-2 the page around one': { act: page({ around: '9000' }), most: FEW },
  'SEQ-1 a page of the log': {
    act: async (user) => {
      const query = { after: '9000', limit: String(PAGE) };
      await user.call('getLog', { params: { id: world.ownChats[0] ?? '' }, query });
    },
    most: FEW,
  },
  'CHAT-3 a small chat': {
    act: (user) => user.call('getChat', { params: { id: world.ownChats[1] ?? '' } }),
    most: FEW,
  },
  'CHAT-3 the large group': {
    act: (user) => user.call('getChat', { params: { id: world.largeGroup } }),
    most: FEW,
  },
  'CHAT-3 a page of its members': {
    act: (user) =>
      user.call('listMembers', { params: { id: world.largeGroup }, query: { limit: '50' } }),
    most: FEW,
  },
  'MSG-1 a page of stars': {
    act: (user) => user.call('listStars', { query: { limit: '50' } }),
    most: FEW,
  },
  'MSG-1 a page of pins': {
    act: (user) => user.call('listPins', { params: { id: world.ownChats[0] ?? '' } }),
    most: FEW,
  },
  'USER-1 somebody in all of the chats': {
    act: async (user) => {
      const [row] = await world.run(
        'select created_by as id from chats where id = $1',
        world.largeGroup,
      );
      const { body } = await user.call('getUser', { params: { id: row?.id ?? '' } });
      expect(body).toHaveProperty('username');
    },
    most: ALL_OWN,
  },
  'MSG-1 a message': {
    act: async (user) =>
      user.call('getMessage', { params: { id: await messageIn(world.ownChats[0], 4000) } }),
    most: FEW,
  },
  'DUR-1 a send': { act: (user) => user.call('sendMessage', sent(world.ownChats[0])), most: FEW },
  'DUR-1 an answer': {
    act: async (user) =>
      user.call('sendMessage', sent(world.ownChats[0], await messageIn(world.ownChats[0], 4000))),
    most: FEW,
  },
  'DUR-1 a send to the large group': {
    act: (user) => user.call('sendMessage', sent(world.largeGroup)),
    most: FEW,
  },
  'CHAT-3 what opens the large group': {
    act: commanded((socket) => socket.command('joinChat', { chatId: world.largeGroup })),
    most: ALL_OWN,
  },
  'RCPT-2 a mark in the large group': {
    act: commanded((socket) => socket.command('messageSeen', { chatId: world.largeGroup, seq: 5 })),
    most: ALL_OWN,
  },
  'TYP-1 typing in the large group': {
    act: commanded((socket) => socket.command('typing', { chatId: world.largeGroup })),
    most: ALL_OWN,
  },
  'CHAT-4 the chat list': { act: (user) => user.call('listChats', {}), most: ALL_OWN },
  'CHAT-4 unread chats': {
    act: (user) => user.call('listChats', { query: { filter: 'unread' } }),
    most: ALL_OWN,
  },
  'CHAT-4 chats by name': {
    act: (user) => user.call('listChats', { query: { query: 'group' } }),
    most: ALL_OWN,
  },
  'SRCH-1 a search': {
    act: (user) => user.call('searchMessages', { query: { query: 'words', limit: 10 } }),
    most: ALL_OWN,
  },
  'SYNC-1 a sync': {
    act: commanded(syncOne),
    most: ALL_OWN,
  },
  'SYNC-1 a sync by pages': {
    act: commanded(syncByPages),
    most: ALL_OWN,
  },
};

describe.each<Plans>(['custom', 'generic'])('by %s plans', (plans) => {
  it.each(Object.entries(acts))('%s reads what it shows', async (_, { act, most }) => {
    const uses = await usesByPlans(world.database.url, plans, (url) =>
      act(new TestUser(url, world.reader.session)),
    );
    for (const table of TABLES) {
      const limit = table === 'messages' ? Math.max(most, MESSAGES_OF_PAGES) : most;
      expect(uses.get(table)?.scans, `scans of ${table}`).toBe(0);
      expect(uses.get(table)?.entries, `entries of ${table}`).toBeLessThanOrEqual(limit);
    }
  });

  it('RCPT-1 who has a message in the large group is read once', async () => {
    const id = await messageIn(world.largeGroup, 4);
    const uses = await usesByPlans(world.database.url, plans, (url) =>
      new TestUser(url, world.reader.session).call('getReceipts', { params: { id } }),
    );
    // All of them are shown, so that another way to read a table is as good.
    for (const table of TABLES) {
      expect(uses.get(table)?.entries, `entries of ${table}`).toBeLessThanOrEqual(3 * PEOPLE);
    }
  });
});
