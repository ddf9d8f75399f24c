import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import { startTestServer, type TestServer, type TestSocket, type TestUser } from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let chat: Chat;

beforeAll(async () => {
  server = await startTestServer({
    rateLimits: false,
    limits: { chatPins: 3, userReactions: 3, messageReactions: 4 },
  });
});
afterAll(() => server.stop());
beforeEach(async () => {
  ({ anna, ben, chat, atAnna, atBen } = await server.directChat());
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

describe('reactions', () => {
  it('MSG-6 ACK-2 are one of each by each user, each an entry', async () => {
    const sent = await atAnna.send(chat.id, 'hello');
    const first = await atBen.command('addReaction', { messageId: sent.id, emoji: '👍' });
    expect(first).toMatchObject({
      seq: 2,
      message: { reactions: [{ emoji: '👍', count: 1, mine: true }] },
    });
    expect(await atAnna.next('reactionChanged')).toEqual({
      chatId: chat.id,
      seq: 2,
      messageId: sent.id,
      userId: ben.id,
      emoji: '👍',
      added: true,
      reactions: [{ emoji: '👍', count: 1 }],
    });
    const again = await atBen.command('addReaction', { messageId: sent.id, emoji: '👍' });
    expect(again).toEqual({ message: first.message });
    const params = { id: sent.id, emoji: encodeURIComponent('👍') };
    const { body } = await anna.call('addReaction', { params });
    expect(body).toMatchObject({
      seq: 3,
      message: { reactions: [{ emoji: '👍', count: 2, mine: true }] },
    });
    const { body: page } = await ben.call('listReactions', {
      params,
      query: { emoji: '👍', limit: 1 },
    });
    expect(page.items).toMatchObject([{ user: { id: ben.id }, emoji: '👍' }]);
    const { body: rest } = await ben.call('listReactions', {
      params,
      query: { emoji: '👍', cursor: page.nextCursor ?? '' },
    });
    expect(rest).toMatchObject({ items: [{ user: { id: anna.id } }] });
    const removed = await atBen.command('removeReaction', { messageId: sent.id, emoji: '👍' });
    expect(removed).toMatchObject({
      seq: 4,
      message: { reactions: [{ emoji: '👍', count: 1, mine: false }] },
    });
    await anna.call('removeReaction', { params });
    const none = await atBen.command('removeReaction', { messageId: sent.id, emoji: '👍' });
    expect(none).toEqual({ message: sent });
  });

  it.each(['👍', '❤️', '❤', '👩‍👩‍👧‍👦', '🇩🇪', '1️⃣', '👋🏽', '☺️', '❤️‍🔥', '❤‍🔥'])(
    'MSG-6 take %s',
    async (emoji) => {
      const sent = await atAnna.send(chat.id, 'hello');
      const { message } = await atAnna.command('addReaction', { messageId: sent.id, emoji });
      expect(message.reactions).toEqual([{ emoji, count: 1, mine: true }]);
    },
  );

  const tooLong = '👍'.repeat(5000);
  const noWholeEmoji = ['👍\u0301', '👍\u200d', '👍\ufe0f\ufe0f', '🇩', '👍👍', '👍 ', tooLong];
  it.each([...noWholeEmoji, '', 'a', '1', '#', 'ok', '\u0000', '\ud83d'])(
    'MSG-6 refuse %j',
    async (emoji) => {
      const sent = await atAnna.send(chat.id, 'hello');
      const error = await atAnna.fail('addReaction', { messageId: sent.id, emoji });
      expect(error).toMatchObject({ code: 'INVALID' });
    },
  );

  it('MSG-6 T84 are limited in kinds, by one user and in all', async () => {
    const sent = await atAnna.send(chat.id, 'hello');
    const add = (socket: TestSocket, emoji: string) =>
      socket.answer('addReaction', { messageId: sent.id, emoji });
    for (const emoji of ['😀', '😁', '😂'])
      expect(await add(atAnna, emoji)).toMatchObject({ ok: true });
    const tooLarge = { ok: false, error: { code: 'TOO_LARGE' } };
    expect(await add(atAnna, '😃')).toMatchObject(tooLarge);
    expect(await add(atBen, '😄')).toMatchObject({ ok: true });
    expect(await add(atBen, '😅')).toMatchObject(tooLarge);
    expect(await add(atBen, '😀')).toMatchObject({ ok: true });
  });
});

describe('pins', () => {
  it('SEQ-1 are entries of the chat, the last one first', async () => {
    const [one, two] = [await atAnna.send(chat.id, 'one'), await atAnna.send(chat.id, 'two')];
    expect(await atBen.command('pinMessage', { messageId: one.id })).toEqual({ seq: 3 });
    expect(await atAnna.next('messagePinned')).toEqual({
      chatId: chat.id,
      seq: 3,
      messageId: one.id,
      userId: ben.id,
    });
    expect(await atAnna.command('pinMessage', { messageId: one.id })).toEqual({});
    await anna.call('pinMessage', { params: { id: chat.id, messageId: two.id } });
    const params = { id: chat.id };
    const { body } = await ben.call('listPins', { params, query: { limit: 1 } });
    expect(body.items).toEqual([{ ...two, pinned: true }]);
    const query = { cursor: body.nextCursor ?? '' };
    expect((await ben.call('listPins', { params, query })).body.items).toMatchObject([
      { id: one.id, pinned: true },
    ]);
    expect(await atBen.command('unpinMessage', { messageId: one.id })).toEqual({ seq: 5 });
    expect(await atAnna.next('messageUnpinned')).toMatchObject({ seq: 5, messageId: one.id });
    expect(await atBen.command('unpinMessage', { messageId: one.id })).toEqual({});
    const foreign = { params: { id: randomUUID(), messageId: two.id } };
    expect(await anna.fail('unpinMessage', foreign)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('CHAT-2 are for those who may send, and limited', async () => {
    const group = await anna.group([ben]);
    const messages = [];
    for (const text of ['1', '2', '3', '4']) messages.push(await atAnna.send(group.id, text));
    const [first, ...others] = messages;
    await anna.call('updateChat', {
      params: { id: group.id },
      body: { settings: { send: 'admins' } },
    });
    const pin = { messageId: first?.id };
    expect(await atBen.fail('pinMessage', pin)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await atBen.fail('unpinMessage', pin)).toMatchObject({ code: 'FORBIDDEN' });
    for (const { id } of others) await atAnna.command('pinMessage', { messageId: id });
    expect(await atAnna.fail('pinMessage', pin)).toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('stars', () => {
  it('SEQ-3 are of the user alone, on all of his devices', async () => {
    const tablet = await (await ben.otherDevice()).connect();
    const sent = await atAnna.send(chat.id, 'hello');
    const { userSeq } = await atBen.command('starMessage', { messageId: sent.id });
    const event = { userSeq, chatId: chat.id, messageId: sent.id, starred: true };
    expect(await tablet.next('messageStarred')).toEqual(event);
    expect(await atBen.command('starMessage', { messageId: sent.id })).toEqual({});
    const { body } = await ben.call('listStars');
    expect(body.items).toEqual([{ ...sent, starred: true }]);
    expect((await anna.call('listStars')).body.items).toEqual([]);
    const { body: shown } = await anna.call('getMessage', { params: { id: sent.id } });
    expect(shown).toEqual(sent);
    await ben.call('unstarMessage', { params: { id: sent.id } });
    expect(await atBen.command('unstarMessage', { messageId: sent.id })).toEqual({});
    expect((await ben.call('listStars')).body.items).toEqual([]);
    tablet.close();
  });
});

describe('drafts', () => {
  it('SEQ-3 are on all devices of the user, and nobody else sees them (T24)', async () => {
    const tablet = await (await ben.otherDevice()).connect();
    const sent = await atAnna.send(chat.id, 'hello');
    const draft = { text: 'I think', replyToId: sent.id };
    const { userSeq } = await atBen.command('setDraft', { chatId: chat.id, ...draft });
    expect(await tablet.next('draftChanged')).toEqual({ userSeq, chatId: chat.id, draft });
    expect((await ben.readChat(chat.id)).me?.draft).toEqual(draft);
    expect(JSON.stringify([await anna.readChat(chat.id), atAnna.received])).not.toContain(
      'I think',
    );
    expect(await atBen.command('setDraft', { chatId: chat.id, ...draft })).toEqual({});
    await ben.call('deleteDraft', { params: { id: chat.id } });
    const ended = await tablet.next('draftChanged', (event) => event.draft === undefined);
    expect(ended).toEqual({ userSeq: Number(userSeq) + 1, chatId: chat.id });
    expect((await ben.readChat(chat.id)).me).not.toHaveProperty('draft');
    await ben.call('setDraft', { params: { id: chat.id }, body: { text: 'again' } });
    expect(await atBen.command('setDraft', { chatId: chat.id })).toHaveProperty('userSeq');
    tablet.close();
  });

  it('SEQ-3 are limited, and reply to what is there', async () => {
    const draft = { chatId: chat.id, text: 'x'.repeat(16 * 1024 + 1) };
    expect(await atBen.fail('setDraft', draft)).toMatchObject({ code: 'TOO_LARGE' });
    const reply = { chatId: chat.id, text: 'x', replyToId: randomUUID() };
    expect(await atBen.fail('setDraft', reply)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('clearChat', () => {
  it('MSG-4 hides everything up to an entry for me alone', async () => {
    const sent = [];
    for (const text of ['1', '2', '3']) sent.push(await atAnna.send(chat.id, text));
    const { userSeq } = await atBen.command('clearChat', { chatId: chat.id, upToSeq: 2 });
    const now = await ben.readChat(chat.id);
    const event = { userSeq, chatId: chat.id, upToSeq: 2, chat: now };
    expect(await atBen.next('chatCleared')).toEqual(event);
    const params = { id: chat.id };
    expect((await ben.call('getHistory', { params })).body).toEqual({
      items: [sent[2]],
      hasMoreBefore: false,
      hasMoreAfter: false,
    });
    expect(await anna.readHistory(chat.id)).toEqual(sent);
    expect((await ben.readChat(chat.id)).me?.unreadCount).toBe(1);
    expect(await atBen.command('clearChat', { chatId: chat.id, upToSeq: 1 })).toEqual({});
    await ben.call('clearChat', { params, body: { upToSeq: 3 } });
    const cleared = await ben.readChat(chat.id);
    expect(cleared).not.toHaveProperty('lastMessage');
    expect(cleared.me?.unreadCount).toBe(0);
    const beyond = { chatId: chat.id, upToSeq: 4 };
    expect(await atBen.fail('clearChat', beyond)).toMatchObject({ code: 'INVALID' });
    const hidden = { messageId: sent[0]?.id, emoji: '👍' };
    expect(await atBen.fail('addReaction', hidden)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ben.readLog(chat.id)).toEqual([
      { event: 'entrySkipped', payload: { chatId: chat.id, seq: 1, toSeq: 3 } },
    ]);
  });
});
