import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import { startTestServer, type TestServer, type TestSocket, type TestUser } from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let server: TestServer;
/** Blocks ben. */
let anna: TestUser;
let ben: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let chat: Chat;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
beforeEach(async () => {
  ({ anna, ben, chat, atAnna, atBen } = await server.directChat());
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

const block = (user: TestUser, other: TestUser) =>
  user.call('blockUser', { params: { id: other.id } });
const unblock = (user: TestUser, other: TestUser) =>
  user.call('unblockUser', { params: { id: other.id } });

describe('the list of blocks', () => {
  it('BLOCK-1 nobody who does not exist is blocked or unblocked', async () => {
    const params = { id: randomUUID() };
    for (const route of ['blockUser', 'unblockUser'] as const) {
      expect(await anna.fail(route, { params })).toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  it('BLOCK-1 SEQ-3 is the own devices business alone, and blocking twice changes nothing', async () => {
    await block(anna, ben);
    await block(anna, ben);
    const { body } = await anna.call('listBlocks');
    expect(body.items.map(({ id }) => id)).toEqual([ben.id]);
    await unblock(anna, ben);
    await unblock(anna, ben);
    expect((await anna.call('listBlocks')).body.items).toEqual([]);
    const { userSeq } = await atAnna.next('userUnblocked');
    expect(atAnna.of('userBlocked')).toEqual([{ userSeq: userSeq - 1, userId: ben.id }]);
    expect(atAnna.of('userUnblocked')).toEqual([{ userSeq, userId: ben.id }]);
    expect(JSON.stringify(atBen.received)).not.toContain('locked');
    expect((await ben.call('listBlocks')).body.items).toEqual([]);
  });

  it('BLOCK-1 comes in pages, the last one first', async () => {
    const others = [ben, await server.user(), await server.user()];
    for (const other of others) await block(anna, other);
    const { body: first } = await anna.call('listBlocks', { query: { limit: 2 } });
    expect(first.items.map(({ id }) => id)).toEqual([others[2]?.id, others[1]?.id]);
    const query = { cursor: first.nextCursor ?? '' };
    expect((await anna.call('listBlocks', { query })).body).toMatchObject({
      items: [{ id: ben.id }],
    });
    expect(await ben.fail('listBlocks', { query })).toMatchObject({ code: 'INVALID' });
  });

  it('BLOCK-1 of oneself is INVALID, of nobody NOT_FOUND', async () => {
    const fail = (id: string) => anna.fail('blockUser', { params: { id } });
    expect(await fail(anna.id)).toMatchObject({ code: 'INVALID' });
    expect(await fail(randomUUID())).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('direct messages', () => {
  it('BLOCK-1 SYNC-4 SRCH-1 of the blocked are acknowledged, stay visible to him, and are never seen', async () => {
    await atAnna.send(chat.id, 'before');
    const cursor = await atAnna.cursor();
    await block(anna, ben);
    const sent = await atBen.send(chat.id, 'a shout');
    expect(sent.seq).toBe(2);
    expect(await atAnna.next('entrySkipped')).toEqual({ chatId: chat.id, seq: 2 });
    await unblock(anna, ben);
    const after = await atBen.send(chat.id, 'a whisper');
    await atAnna.next('newMessage', ({ id }) => id === after.id);
    expect((await ben.readHistory(chat.id)).map(({ text }) => text)).toEqual([
      'before',
      'a shout',
      'a whisper',
    ]);
    expect((await anna.readHistory(chat.id)).map(({ text }) => text)).toEqual([
      'before',
      'a whisper',
    ]);
    expect(await anna.readChat(chat.id)).toMatchObject({
      lastMessage: { id: after.id },
      me: { unreadCount: 1 },
    });
    const skipped = { event: 'entrySkipped', payload: { chatId: chat.id, seq: 2 } };
    expect((await anna.readLog(chat.id))[1]).toEqual(skipped);
    expect((await atAnna.command('sync', { cursor })).entries).toContainEqual(skipped);
    expect(JSON.stringify(atAnna.received)).not.toContain('a shout');
    const found = async (user: TestUser) =>
      (await user.call('searchMessages', { query: { query: 'shout' } })).body.items.length;
    await expect.poll(() => found(ben), { timeout: 30_000 }).toBe(1);
    expect(await found(anna)).toBe(0);
    const { body } = await ben.call('getReceipts', { params: { id: sent.id } });
    expect(body).toEqual({ delivered: [], seen: [] });
    await atAnna.command('messageSeen', { chatId: chat.id, seq: 3 });
    expect((await ben.call('getReceipts', { params: { id: sent.id } })).body.delivered).toEqual([]);
  });

  it('BLOCK-1 of the blocker are FORBIDDEN, also forwarded ones and edits', async () => {
    const sent = await atAnna.send(chat.id, 'before');
    await block(anna, ben);
    const send = { chatId: chat.id, clientMessageId: randomUUID(), text: 'hello' };
    expect(await atAnna.fail('sendMessage', send)).toMatchObject({ code: 'FORBIDDEN' });
    const forward = {
      messageId: sent.id,
      chatIds: [chat.id],
      clientMessageIds: [randomUUID()],
    };
    expect(await atAnna.fail('forwardMessage', forward)).toMatchObject({ code: 'FORBIDDEN' });
    const edit = { messageId: sent.id, text: 'after' };
    expect(await atAnna.fail('editMessage', edit)).toMatchObject({ code: 'FORBIDDEN' });
    await unblock(anna, ben);
    await atAnna.command('sendMessage', send);
  });

  it('BLOCK-1 an edit by the blocked takes the message from the blocker, and says so', async () => {
    const sent = await atBen.send(chat.id, 'nice');
    await block(anna, ben);
    const { message } = await atBen.command('editMessage', { messageId: sent.id, text: 'nasty' });
    expect(message.text).toBe('nasty');
    expect(await atAnna.next('entrySkipped')).toEqual({ chatId: chat.id, seq: 2 });
    expect(await atAnna.next('messageHidden')).toMatchObject({ messageId: sent.id });
    expect(await anna.readHistory(chat.id)).toEqual([]);
    expect(JSON.stringify(atAnna.received)).not.toContain('nasty');
  });

  it('BLOCK-1 a block that was there before the chat holds in it', async () => {
    const cleo = await server.user();
    await block(anna, cleo);
    const late = await cleo.direct(anna);
    const atCleo = await cleo.connect();
    await atCleo.send(late.id, 'hello');
    expect(await anna.readHistory(late.id)).toEqual([]);
    cleo.disconnect();
  });

  it('BLOCK-1 both may block each other, and one end ends one block', async () => {
    await block(anna, ben);
    await block(ben, anna);
    await unblock(anna, ben);
    const send = () => ({ chatId: chat.id, clientMessageId: randomUUID(), text: 'hello' });
    expect(await atBen.fail('sendMessage', send())).toMatchObject({ code: 'FORBIDDEN' });
    await atAnna.command('sendMessage', send());
    expect(await ben.readHistory(chat.id)).toEqual([]);
  });
});

describe('everything else between the two', () => {
  it('BLOCK-1 T33 there are no receipts, live, by snapshot and by sync', async () => {
    await atBen.send(chat.id, 'before');
    await atAnna.command('messageDelivered', { chatId: chat.id, seq: 1 });
    await atBen.next('messageStatusUpdated');
    await block(anna, ben);
    const cursor = await atBen.cursor();
    await atAnna.command('messageSeen', { chatId: chat.id, seq: 1 });
    const marks = (view: Chat) => {
      const member = view.participants?.find(({ user }) => user.id === anna.id);
      return [member?.deliveredSeq, member?.seenSeq];
    };
    expect(marks(await ben.readChat(chat.id))).toEqual([1, 0]);
    expect(marks(await anna.readChat(chat.id))).toEqual([1, 1]);
    expect((await anna.readChat(chat.id)).me?.seenSeq).toBe(1);
    const { entries } = await atBen.command('sync', { cursor });
    expect(entries.filter(({ event }) => event === 'messageStatusUpdated')).toEqual([]);
    expect(atBen.of('messageStatusUpdated')).toHaveLength(1);
    await unblock(anna, ben);
    const sent = await atBen.send(chat.id, 'after');
    await atAnna.command('messageSeen', { messageId: sent.id });
    await atBen.next('messageStatusUpdated', ({ updates }) => updates.at(-1)?.seq === 2);
    expect(marks(await ben.readChat(chat.id))).toEqual([2, 2]);
  });

  it('BLOCK-1 RCPT-2 after it the next receipt tells of what was seen meanwhile as well', async () => {
    const first = await atBen.send(chat.id, 'before');
    await block(anna, ben);
    await atAnna.command('messageSeen', { messageId: first.id });
    await unblock(anna, ben);
    const second = await atBen.send(chat.id, 'after');
    await atAnna.command('messageDelivered', { messageId: second.id });
    const { updates } = await atBen.next('messageStatusUpdated');
    expect(updates).toMatchObject([
      { userId: anna.id, status: 'delivered', seq: second.seq },
      { userId: anna.id, status: 'seen', seq: first.seq },
    ]);
  });

  it('BLOCK-1 RCPT-1 his own marks go on, in the receipts of a message too', async () => {
    const { id, seq } = await atBen.send(chat.id, 'before');
    await block(anna, ben);
    await atAnna.command('messageSeen', { chatId: chat.id, seq });
    const receiptsFor = async (user: TestUser) => {
      const { body } = await user.call('getReceipts', { params: { id } });
      return [body.delivered, body.seen].map((list) => list.map(({ userId }) => userId));
    };
    expect(await receiptsFor(anna)).toEqual([[anna.id], [anna.id]]);
    expect(await receiptsFor(ben)).toEqual([[], []]);
  });

  it('BLOCK-1 TYP-1 there is no typing, in a group neither, where they see the messages of each other', async () => {
    const cleo = await server.user();
    const group = await cleo.group([anna, ben]);
    const atCleo = await cleo.connect();
    await block(anna, ben);
    await atBen.command('typing', { chatId: group.id });
    await atCleo.next('typing');
    await atBen.command('typing', { chatId: chat.id });
    await atAnna.command('typing', { chatId: group.id });
    const sent = await atBen.send(group.id, 'to all');
    const answer = await atAnna.send(group.id, 'to all, too');
    await atAnna.next('newMessage', ({ id }) => id === sent.id);
    await atBen.next('newMessage', ({ id }) => id === answer.id);
    for (const socket of [atAnna, atBen]) {
      expect([...socket.of('typing'), ...socket.of('stopTyping')]).toEqual([]);
    }
    cleo.disconnect();
  });

  it('BLOCK-1 PRES-1 T77 each is offline to the other, from the block on until its end', async () => {
    const online = async (reader: TestUser, other: TestUser) =>
      (await reader.call('getUser', { params: { id: other.id } })).body;
    expect((await online(ben, anna)).online).toBe(true);
    await block(anna, ben);
    expect(await atBen.next('userOffline')).toMatchObject({ userId: anna.id });
    expect(await atAnna.next('userOffline')).toMatchObject({ userId: ben.id });
    for (const [reader, other] of [
      [anna, ben],
      [ben, anna],
    ] as const) {
      const seen = await online(reader, other);
      expect(seen.online).toBe(false);
      expect(seen).not.toHaveProperty('lastSeenAt');
      const member = (await reader.readChat(chat.id)).participants?.find(
        ({ user }) => user.id === other.id,
      );
      expect(member?.user).toEqual(seen);
    }
    await unblock(anna, ben);
    await atBen.next('userOnline', ({ userId }) => userId === anna.id);
    expect((await online(ben, anna)).online).toBe(true);
  });

  it('BLOCK-1 T33 neither adds the other to a group, and nobody is told why', async () => {
    await block(anna, ben);
    for (const [user, other] of [
      [anna, ben],
      [ben, anna],
    ] as const) {
      const made = await user.group([other]);
      expect(made.memberCount).toBe(1);
      const { body } = await user.call('addMembers', {
        params: { id: made.id },
        body: { userIds: [other.id] },
      });
      expect(body).toEqual({ added: [] });
    }
  });

  it('BLOCK-1 T33 the blocked sees the profile, the chat and his own rights as before', async () => {
    const before = await ben.readChat(chat.id);
    await block(anna, ben);
    expect((await ben.call('getUser', { params: { id: anna.id } })).body).toMatchObject({
      username: anna.session.user.username,
    });
    const after = await ben.readChat(chat.id);
    expect({ ...after, participants: [] }).toEqual({ ...before, participants: [] });
    expect((await ben.direct(anna)).id).toBe(chat.id);
  });
});
