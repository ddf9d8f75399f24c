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

describe('encrypted messages', () => {
  const encrypted = {
    scheme: 'mls',
    ciphertext: 'AQID',
    header: { z: 1, a: ['\u0000', '\ud800'] },
  };

  it('MSG-1 are stored and forwarded byte for byte, by both doors', async () => {
    const clientMessageId = randomUUID();
    const send = { chatId: chat.id, clientMessageId, encrypted };
    const { message } = await atAnna.command('sendEncryptedMessage', send);
    expect(message).toMatchObject({ kind: 'encrypted', encrypted });
    expect(JSON.stringify(message.encrypted)).toBe(JSON.stringify(encrypted));
    expect(await atBen.next('newEncryptedMessage')).toEqual(message);
    expect(await ben.readHistory(chat.id)).toEqual([message]);
    const again = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: { kind: 'encrypted', clientMessageId, encrypted },
    });
    expect(again).toMatchObject({ status: 200, body: { message, duplicate: true } });
    const other = { ...send, encrypted: { ...encrypted, ciphertext: 'AQIE' } };
    expect(await atAnna.fail('sendEncryptedMessage', other)).toMatchObject({ code: 'CONFLICT' });
  });

  it.each([
    ['no scheme', { ciphertext: 'AQID' }],
    ['an empty ciphertext', { scheme: 'mls', ciphertext: '' }],
    ['no base64', { scheme: 'mls', ciphertext: '*' }],
    ['base64 without padding', { scheme: 'mls', ciphertext: 'AQI' }],
    ['a header too deep', { scheme: 'mls', ciphertext: 'AQID', header: nested(40) }],
    ['a header of bytes', { scheme: 'mls', ciphertext: 'AQID', header: Buffer.from('x') }],
  ])('MSG-1 with %s are INVALID', async (_, encrypted) => {
    const send = { chatId: chat.id, clientMessageId: randomUUID(), encrypted };
    expect(await atAnna.fail('sendEncryptedMessage', send)).toMatchObject({ code: 'INVALID' });
  });

  it('MSG-1 over their limits are TOO_LARGE', async () => {
    const send = (encrypted: object) =>
      atAnna.answer('sendEncryptedMessage', {
        chatId: chat.id,
        clientMessageId: randomUUID(),
        encrypted: { scheme: 'mls', ciphertext: 'AQID', ...encrypted },
      });
    const bytes = (count: number) => Buffer.alloc(count).toString('base64');
    expect(await send({ ciphertext: bytes(64 * 1024) })).toMatchObject({ ok: true });
    expect(await send({ ciphertext: bytes(64 * 1024 + 1) })).toMatchObject({
      error: { code: 'TOO_LARGE' },
    });
    expect(await send({ header: 'x'.repeat(4 * 1024 - 2) })).toMatchObject({ ok: true });
    expect(await send({ header: 'x'.repeat(4 * 1024 - 1) })).toMatchObject({
      error: { code: 'TOO_LARGE' },
    });
  });

  it('MSG-2 are edited by a payload, and never by a text', async () => {
    const { message } = await atAnna.command('sendEncryptedMessage', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      encrypted,
    });
    const edit = { messageId: message.id, encrypted: { scheme: 'mls', ciphertext: 'BBBB' } };
    expect(await atAnna.command('editMessage', edit)).toMatchObject({
      seq: 2,
      message: { seq: 1, encrypted: edit.encrypted },
    });
    const text = { messageId: message.id, text: 'plain' };
    expect(await atAnna.fail('editMessage', text)).toMatchObject({ code: 'INVALID' });
    const sent = await atAnna.send(chat.id, 'plain');
    const payload = { messageId: sent.id, encrypted };
    expect(await atAnna.fail('editMessage', payload)).toMatchObject({ code: 'INVALID' });
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

describe('editMessage', () => {
  it('MSG-2 ACK-2 keeps the place, sets editedAt, and is an entry', async () => {
    const sent = await atAnna.send(chat.id, 'helo', { mentions: [ben.id] });
    const { message, seq } = await atAnna.command('editMessage', {
      messageId: sent.id,
      chatId: chat.id,
      text: 'hello',
    });
    expect(seq).toBe(2);
    expect(message).toEqual({ ...sent, text: 'hello', editedAt: message.editedAt });
    const event = await atBen.next('messageEdited');
    expect(event).toEqual({ chatId: chat.id, seq: 2, message });
    expect(atAnna.of('messageEdited')).toEqual([]);
    expect(await ben.readHistory(chat.id)).toEqual([message]);
    expect((await ben.readChat(chat.id)).lastMessage).toEqual(message);
    expect((await ben.readLog(chat.id)).map(({ event }) => event)).toEqual([
      'newMessage',
      'messageEdited',
    ]);
  });

  it('ACK-2 to the same content changes nothing', async () => {
    const sent = await atAnna.send(chat.id, 'hello');
    const answer = await atAnna.command('editMessage', { messageId: sent.id, text: 'hello' });
    expect(answer).toEqual({ message: sent });
    expect((await anna.readChat(chat.id)).lastSeq).toBe(1);
  });

  it('MSG-2 is for who wrote it alone, and only for what is alive', async () => {
    const sent = await atAnna.send(chat.id, 'hello');
    const edit = { messageId: sent.id, text: 'mine now' };
    expect(await atBen.fail('editMessage', edit)).toMatchObject({ code: 'FORBIDDEN' });
    await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'everyone' });
    expect(await atAnna.fail('editMessage', edit)).toMatchObject({ code: 'FORBIDDEN' });
    const elsewhere = { ...edit, chatId: randomUUID() };
    expect(await atAnna.fail('editMessage', elsewhere)).toMatchObject({ code: 'NOT_FOUND' });
    for (const bad of [{}, { text: 'a', encrypted: { scheme: 'a', ciphertext: 'AQID' } }]) {
      const both = { messageId: sent.id, ...bad };
      expect(await atAnna.fail('editMessage', both)).toMatchObject({ code: 'INVALID' });
    }
  });
});

describe('deleteMessage', () => {
  it('MSG-3 for everyone leaves a tombstone, and the fingerprint outlives it', async () => {
    const clientMessageId = randomUUID();
    const sent = await atAnna.send(chat.id, 'a secret', { clientMessageId });
    await atBen.command('addReaction', { messageId: sent.id, emoji: '👍' });
    await atBen.command('pinMessage', { messageId: sent.id });
    await atBen.command('starMessage', { messageId: sent.id });
    const before = await ben.readChat(chat.id);
    expect(before.me?.unreadCount).toBe(1);
    const answer = await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'everyone' });
    const event = await atBen.next('messageDeleted');
    expect(answer).toEqual({ seq: 4, at: event.at });
    expect(event).toEqual({
      chatId: chat.id,
      seq: 4,
      messageId: sent.id,
      scope: 'everyone',
      deletedBy: anna.id,
      at: event.at,
    });
    const [tombstone] = await ben.readHistory(chat.id);
    const { text: _, ...rest } = sent;
    expect(tombstone).toEqual({ ...rest, deletedAt: event.at });
    const after = await ben.readChat(chat.id);
    expect(after.me?.unreadCount).toBe(0);
    expect(after.lastMessage).toEqual(tombstone);
    for (const route of ['listStars', 'listPins'] as const) {
      expect((await ben.call(route, { params: { id: chat.id } })).body.items).toEqual([]);
    }
    expect(
      await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'everyone' }),
    ).toEqual({});
    const retry = { chatId: chat.id, clientMessageId, text: 'a secret' };
    expect(await atAnna.command('sendMessage', retry)).toEqual({
      message: tombstone,
      duplicate: true,
    });
    const other = { ...retry, text: 'another' };
    expect(await atAnna.fail('sendMessage', other)).toMatchObject({ code: 'CONFLICT' });
  });

  it.each(['addReaction', 'pinMessage', 'starMessage'] as const)(
    'MSG-2 %s does nothing to a tombstone',
    async (command) => {
      const sent = await atAnna.send(chat.id, 'a secret');
      await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'everyone' });
      const error = await atAnna.fail(command, { messageId: sent.id, emoji: '👍' });
      expect(error).toMatchObject({ code: 'FORBIDDEN' });
    },
  );

  it('MSG-4 for me hides it from all my devices and from nobody else', async () => {
    const tablet = await (await ben.otherDevice()).connect();
    const [first, second] = [await atAnna.send(chat.id, 'one'), await atAnna.send(chat.id, 'two')];
    expect((await ben.readChat(chat.id)).me?.unreadCount).toBe(2);
    const { userSeq } = await atBen.command('deleteMessage', { messageId: second.id, scope: 'me' });
    const now = await ben.readChat(chat.id);
    const hidden = { userSeq, chatId: chat.id, messageId: second.id, chat: now };
    expect(await tablet.next('messageHidden')).toEqual(hidden);
    expect(await atBen.next('messageHidden')).toEqual(hidden);
    expect(await ben.readHistory(chat.id)).toEqual([first]);
    expect(await anna.readHistory(chat.id)).toEqual([first, second]);
    const seen = await ben.readChat(chat.id);
    expect(seen).toMatchObject({ lastMessage: { id: first.id }, me: { unreadCount: 1 } });
    expect(await ben.fail('getMessage', { params: { id: second.id } })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await atBen.command('deleteMessage', { messageId: second.id, scope: 'me' })).toEqual({});
    tablet.close();
  });

  it('CHAT-4 the last message is found behind many entries that tell of it', async () => {
    const [first, second] = [await atAnna.send(chat.id, 'one'), await atAnna.send(chat.id, 'two')];
    for (let change = 0; change < 20; change += 1) {
      await atAnna.command('editMessage', { messageId: second.id, text: `two ${change}` });
    }
    expect(await ben.readChat(chat.id)).toMatchObject({ lastMessage: { text: 'two 19' } });
    await atBen.command('deleteMessage', { messageId: second.id, scope: 'me' });
    expect(await ben.readChat(chat.id)).toMatchObject({ lastMessage: { id: first.id } });
    await atBen.command('deleteMessage', { messageId: first.id, scope: 'me' });
    expect(await ben.readChat(chat.id)).not.toHaveProperty('lastMessage');
  });

  it('SYNC-4 what happens to a hidden message comes as entrySkipped, live, by log and by sync', async () => {
    const cursor = await atBen.cursor();
    const sent = await atAnna.send(chat.id, 'one');
    await atBen.command('deleteMessage', { messageId: sent.id, scope: 'me' });
    await atAnna.command('editMessage', { messageId: sent.id, text: 'two' });
    expect(await atBen.next('entrySkipped')).toEqual({ chatId: chat.id, seq: 2 });
    expect(atBen.of('messageEdited')).toEqual([]);
    const skipped = { event: 'entrySkipped', payload: { chatId: chat.id, seq: 1, toSeq: 2 } };
    expect(await ben.readLog(chat.id)).toEqual([skipped]);
    const { entries } = await atBen.command('sync', { cursor });
    expect(entries.slice(1)).toEqual([skipped]);
  });

  it('MSG-3 CHAT-2 of a group: admins those of members and admins, owners all, members their own', async () => {
    const [cleo, dora] = await Promise.all([server.user(), server.user()]);
    const { id } = await anna.group([ben, cleo, dora]);
    const body = { role: 'admin' };
    for (const admin of [ben, cleo])
      await anna.call('changeRole', { params: { id, userId: admin.id }, body });
    const sends = await Promise.all(
      [anna, ben, cleo, dora].map((user) =>
        user.call('sendMessage', {
          params: { id },
          body: { kind: 'text', text: 'x', clientMessageId: randomUUID() },
        }),
      ),
    );
    const [ofOwner, ofAdmin, ofOther, ofMember] = sends.map((sent) => sent.body.message.id);
    const remove = (user: TestUser, messageId = '') =>
      user.call('deleteMessage', { params: { id: messageId }, query: { scope: 'everyone' } });
    await expect(remove(ben, ofOwner)).rejects.toThrow('FORBIDDEN');
    await expect(remove(dora, ofAdmin)).rejects.toThrow('FORBIDDEN');
    await remove(ben, ofOther);
    await remove(ben, ofMember);
    await remove(anna, ofAdmin);
    await remove(anna, ofOwner);
    const messages = await dora.readHistory(id);
    expect(messages.filter(({ kind, deletedAt }) => kind === 'text' && !deletedAt)).toEqual([]);
    const [created] = messages;
    await expect(remove(anna, created?.id)).rejects.toThrow('FORBIDDEN');
  });

  it('MSG-3 in a direct chat nobody deletes the messages of the other', async () => {
    const sent = await atAnna.send(chat.id, 'mine');
    const deletion = { messageId: sent.id, scope: 'everyone' };
    expect(await atBen.fail('deleteMessage', deletion)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await atBen.fail('deleteMessage', { messageId: sent.id })).toMatchObject({
      code: 'INVALID',
    });
  });
});

describe('replies', () => {
  it('MSG-5 show the beginning of what they answer, as it is now', async () => {
    const source = await atAnna.send(chat.id, 'x'.repeat(200));
    const reply = await atBen.send(chat.id, 'yes', { replyToId: source.id });
    const replyTo = { messageId: source.id, senderId: anna.id, kind: 'text' };
    expect(reply.replyTo).toEqual({ ...replyTo, preview: 'x'.repeat(140) });
    expect((await atAnna.next('newMessage')).replyTo).toEqual(reply.replyTo);
    await atAnna.command('editMessage', { messageId: source.id, text: 'short' });
    expect((await ben.readHistory(chat.id))[1]?.replyTo).toEqual({ ...replyTo, preview: 'short' });
    await atAnna.command('deleteMessage', { messageId: source.id, scope: 'everyone' });
    expect((await ben.readHistory(chat.id))[1]?.replyTo).toEqual(replyTo);
  });

  it('MSG-5 have no preview for a reader who has hidden what they answer', async () => {
    const source = await atAnna.send(chat.id, 'a source');
    await atBen.command('deleteMessage', { messageId: source.id, scope: 'me' });
    const reply = await atAnna.send(chat.id, 'yes', { replyToId: source.id });
    expect(reply.replyTo?.preview).toBe('a source');
    const event = await atBen.next('newMessage', ({ id }) => id === reply.id);
    expect(event.replyTo).toEqual({ messageId: source.id, senderId: anna.id, kind: 'text' });
    expect(await ben.readHistory(chat.id)).toEqual([event]);
    const answer = {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      text: 'I',
      replyToId: source.id,
    };
    expect(await atBen.fail('sendMessage', answer)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('MSG-5 T20 to what is in another chat, or nowhere, are NOT_FOUND', async () => {
    const notes = await anna.direct(anna);
    const elsewhere = await atAnna.send(notes.id, 'elsewhere');
    for (const replyToId of [elsewhere.id, randomUUID()]) {
      const reply = { chatId: chat.id, clientMessageId: randomUUID(), text: 'yes', replyToId };
      expect(await atAnna.fail('sendMessage', reply)).toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('forwardMessage', () => {
  it('MSG-5 copies the text, and no trace of where it came from', async () => {
    const notes = await anna.direct(anna);
    const source = await atAnna.send(chat.id, 'news', { mentions: [ben.id] });
    const forward = {
      messageId: source.id,
      chatIds: [notes.id, chat.id],
      clientMessageIds: [randomUUID(), randomUUID()],
    };
    const { messages } = await atAnna.command('forwardMessage', forward);
    expect(messages).toMatchObject([
      { chatId: notes.id, text: 'news', forwarded: true, senderId: anna.id },
      { chatId: chat.id, text: 'news', forwarded: true, seq: 2 },
    ]);
    for (const copy of messages) {
      expect(copy).not.toHaveProperty('mentions');
      expect(copy).not.toHaveProperty('replyTo');
      expect(JSON.stringify(copy)).not.toContain(source.id);
    }
    expect(await atBen.next('newMessage', ({ forwarded }) => forwarded === true)).toEqual(
      messages[1],
    );
    await atAnna.command('deleteMessage', { messageId: source.id, scope: 'everyone' });
    expect((await atAnna.command('forwardMessage', forward)).messages).toEqual(messages);
  });

  it('MSG-5 goes to all of the chats or to none', async () => {
    const source = await atAnna.send(chat.id, 'news');
    const notes = await anna.direct(anna);
    const foreign = await ben.group([]);
    const forward = {
      messageId: source.id,
      chatIds: [notes.id, foreign.id],
      clientMessageIds: [randomUUID(), randomUUID()],
    };
    expect(await atAnna.fail('forwardMessage', forward)).toMatchObject({ code: 'NOT_FOUND' });
    expect((await anna.readChat(notes.id)).lastSeq).toBe(0);
    for (const bad of [
      { ...forward, clientMessageIds: [randomUUID()] },
      { ...forward, chatIds: [], clientMessageIds: [] },
      { ...forward, chatIds: [notes.id, notes.id] },
    ]) {
      expect(await atAnna.fail('forwardMessage', bad)).toMatchObject({ code: 'INVALID' });
    }
  });

  it('MSG-5 MSG-2 CHAT-4 encrypted ones are INVALID, tombstones and system messages FORBIDDEN', async () => {
    const group = await anna.group([ben]);
    const { message } = await atAnna.command('sendEncryptedMessage', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      encrypted: { scheme: 'mls', ciphertext: 'AQID' },
    });
    const [created] = await anna.readHistory(group.id);
    const deleted = await atAnna.send(chat.id, 'x');
    await atAnna.command('deleteMessage', { messageId: deleted.id, scope: 'everyone' });
    for (const [messageId, code] of [
      [message.id, 'INVALID'],
      [created?.id, 'FORBIDDEN'],
      [deleted.id, 'FORBIDDEN'],
    ]) {
      const forward = { messageId, chatIds: [chat.id], clientMessageIds: [randomUUID()] };
      expect(await atAnna.fail('forwardMessage', forward)).toMatchObject({ code });
    }
  });
});
