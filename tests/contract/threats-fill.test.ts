import {
  queryDatabase,
  seedGroup,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const MEMBERS = 30;

let server: TestServer;
let anna: TestUser;
let atAnna: TestSocket;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
beforeEach(async () => {
  anna = await server.user();
  atAnna = await anna.connect();
});
afterEach(() => anna.disconnect());

/** How many rows tables hold of a chat, or of anna where they are of no chat. */
async function rowsOf(table: string, column: 'chat_id' | 'user_id', id: string): Promise<number> {
  const [row] = await queryDatabase<{ count: string }>(
    server.databaseUrl,
    `select count(*) from ${table} where ${column} = $1`,
    [id],
  );
  return Number(row?.count);
}

describe('T83 what reaches many', () => {
  it('a message that mentions 100 of 200 members is one row and one event for each socket', async () => {
    const { userIds } = await seedGroup(server.databaseUrl, 200);
    const ben = await server.user();
    const atBen = await ben.connect();
    const chat = await anna.group([ben, ...userIds.map((id) => ({ id }))]);
    const mentions = [ben.id, ...userIds.slice(0, 99)];
    const [messages, userEvents] = await Promise.all([
      rowsOf('messages', 'chat_id', chat.id),
      rowsOf('user_events', 'chat_id', chat.id),
    ]);
    const sent = await atAnna.send(chat.id, 'all of you', { mentions });
    expect(sent.mentions).toEqual(mentions);
    await atAnna.send(chat.id, 'the end');
    await atBen.next('newMessage', ({ text }) => text === 'the end');
    expect(atBen.texts(chat.id)).toEqual(['all of you', 'the end']);
    expect(await rowsOf('messages', 'chat_id', chat.id)).toBe(messages + 2);
    expect(await rowsOf('user_events', 'chat_id', chat.id)).toBe(userEvents);
    ben.disconnect();
  });

  it(`one reaction by each of ${MEMBERS} members is as many entries, which grow no larger`, async () => {
    const users = await Promise.all(Array.from({ length: MEMBERS }, () => server.user()));
    const chat = await anna.group(users);
    const { id: messageId, seq } = await atAnna.send(chat.id, 'react');
    const sockets = await Promise.all(users.map((user) => user.connect()));
    await Promise.all(
      sockets.map((socket) => socket.command('addReaction', { messageId, emoji: '👍' })),
    );
    await atAnna.until(() => atAnna.of('reactionChanged').length === MEMBERS, 'all reactions');
    const events = atAnna.of('reactionChanged');
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => seq + 1 + index));
    expect(events.map(({ reactions }) => reactions)).toEqual(
      events.map((_, index) => [{ emoji: '👍', count: index + 1 }]),
    );
    for (const socket of sockets) {
      await socket.until(
        () => socket.of('reactionChanged').length === MEMBERS - 1,
        'the reactions of the others',
      );
    }
    expect(await rowsOf('changes', 'chat_id', chat.id)).toBe(MEMBERS);
    expect(await rowsOf('reactions', 'chat_id', chat.id)).toBe(MEMBERS);
    for (const user of users) user.disconnect();
  });
});

describe('T84 what does not fill the disk', () => {
  it('drafts and preferences take the place of those before', async () => {
    const chat = await anna.group();
    for (let count = 0; count < 20; count += 1) {
      await atAnna.command('setDraft', { chatId: chat.id, text: `draft ${count}` });
      await anna.call('setPreferences', {
        params: { id: chat.id },
        body: { pinned: count % 2 === 0 },
      });
    }
    expect(await rowsOf('preferences', 'chat_id', chat.id)).toBe(1);
    const before = await rowsOf('user_events', 'user_id', anna.id);
    for (let count = 0; count < 20; count += 1) {
      expect(await atAnna.command('setDraft', { chatId: chat.id, text: 'draft 19' })).toEqual({});
    }
    expect(await rowsOf('user_events', 'user_id', anna.id)).toBe(before);
  });

  it('what is hidden, starred, reacted or pinned again and again is there once', async () => {
    const chat = await anna.group();
    const [kept, hidden] = [
      await atAnna.send(chat.id, 'kept'),
      await atAnna.send(chat.id, 'hidden'),
    ];
    for (let count = 0; count < 10; count += 1) {
      await atAnna.command('starMessage', { messageId: kept.id });
      await atAnna.command('addReaction', { messageId: kept.id, emoji: '👍' });
      await atAnna.command('pinMessage', { messageId: kept.id });
      await atAnna.command('deleteMessage', { messageId: hidden.id, scope: 'me' });
    }
    expect(await rowsOf('stars', 'chat_id', chat.id)).toBe(1);
    expect(await rowsOf('reactions', 'chat_id', chat.id)).toBe(1);
    expect(await rowsOf('hidden', 'chat_id', chat.id)).toBe(1);
    expect(await rowsOf('changes', 'chat_id', chat.id)).toBe(2);
    await atAnna.command('clearChat', { chatId: chat.id, upToSeq: hidden.seq + 2 });
    await atAnna.command('deleteMessage', { messageId: kept.id, scope: 'me' });
    expect(await rowsOf('hidden', 'chat_id', chat.id)).toBe(1);
  });

  it('marks that do not move leave nothing behind', async () => {
    const chat = await anna.group();
    const { seq } = await atAnna.send(chat.id, 'hello');
    const before = await rowsOf('mark_history', 'chat_id', chat.id);
    for (let count = 0; count < 20; count += 1) {
      await atAnna.command('messageSeen', { chatId: chat.id, seq });
      await atAnna.command('messageDelivered', { chatId: chat.id, seq: 1 });
    }
    expect(await rowsOf('mark_history', 'chat_id', chat.id)).toBe(before);
    expect(await rowsOf('marks', 'chat_id', chat.id)).toBe(1);
  });
});
