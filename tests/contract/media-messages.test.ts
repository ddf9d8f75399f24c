import { randomUUID } from 'node:crypto';
import type { Chat, Message } from '@natter/protocol';
import {
  startTestServer,
  storedFiles,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE, sendMedia, statusOf } from './media-answers.js';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let stranger: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let chat: Chat;

beforeAll(async () => {
  server = await startTestServer();
  stranger = await server.user();
});
afterAll(() => server.stop());
beforeEach(async () => {
  ({ anna, ben, chat, atAnna, atBen } = await server.directChat());
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

const send = (mediaIds: string[], input: object = {}): Promise<Message> =>
  sendMedia(atAnna, chat.id, mediaIds, input);

describe('a message', () => {
  it('MEDIA-2 holds own uploads in their order, ten at most', async () => {
    const media = [];
    for (let index = 0; index < 10; index += 1) media.push(await anna.upload(`file ${index}`));
    const ids = media.map(({ id }) => id).toReversed();
    const message = await send(ids);
    expect(message.media?.map(({ id }) => id)).toEqual(ids);
    expect(message).not.toHaveProperty('text');
    const [read] = await ben.readHistory(chat.id);
    expect(read).toEqual(message);

    const base = { chatId: chat.id, clientMessageId: randomUUID() };
    const eleven = [...ids, (await anna.upload('one more')).id];
    const fail = async (mediaIds: unknown) =>
      (await atAnna.fail('sendMedia', { ...base, mediaIds })).code;
    expect(await fail(eleven)).toBe('TOO_LARGE');
    expect(await fail([])).toBe('INVALID');
    expect(await fail([ids[0], ids[0]])).toBe('INVALID');
    expect(await fail(['no id'])).toBe('INVALID');
    expect(await fail([randomUUID()])).toBe('NOT_FOUND');
    expect(await fail([(await ben.upload('his')).id])).toBe('NOT_FOUND');
    expect(await fail([ids[0], randomUUID()])).toBe('NOT_FOUND');
    expect((await ben.readHistory(chat.id)).length).toBe(1);
  });

  it('IDEM-1 the same media again are the first message, other media a conflict', async () => {
    const [one, two] = [await anna.upload('one'), await anna.upload('two')];
    const clientMessageId = randomUUID();
    const input = { chatId: chat.id, clientMessageId, mediaIds: [one.id, two.id], text: 'Hi' };
    const { message } = await atAnna.command('sendMedia', input);
    expect(await atAnna.command('sendMedia', input)).toEqual({ message, duplicate: true });
    const body = { kind: 'media', clientMessageId, mediaIds: [one.id, two.id], text: 'Hi' };
    const again = await anna.call('sendMessage', { params: { id: chat.id }, body });
    expect(again).toMatchObject({ status: 200, body: { message, duplicate: true } });
    for (const other of [{ mediaIds: [two.id, one.id] }, { mediaIds: [one.id] }, { text: 'Ho' }]) {
      expect((await atAnna.fail('sendMedia', { ...input, ...other })).code).toBe('CONFLICT');
    }
    await atAnna.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
    const after = await atAnna.command('sendMedia', input);
    expect(after).toMatchObject({ duplicate: true, message: { id: message.id } });
    expect(after.message).not.toHaveProperty('media');
  });

  it('MSG-2 its caption is edited, taken away, quoted and found', async () => {
    const media = await anna.upload('x');
    const message = await send([media.id], { text: 'A zebra crossing' });
    const reply = await atBen.send(chat.id, 'Where?', { replyToId: message.id });
    expect(reply.replyTo).toMatchObject({ kind: 'media', preview: 'A zebra crossing' });
    await vi.waitFor(async () => {
      const { body } = await ben.call('searchMessages', { query: { query: 'zebra' } });
      expect(body.items.map((hit) => hit.message.id)).toEqual([message.id]);
    }, PATIENCE);
    const { message: edited } = await atAnna.command('editMessage', {
      messageId: message.id,
      text: 'Another caption',
    });
    expect(edited).toMatchObject({ text: 'Another caption', media: [media] });
    const { message: bare } = await atAnna.command('editMessage', {
      messageId: message.id,
      text: '',
    });
    expect(bare).not.toHaveProperty('text');
    expect(bare).toMatchObject({ media: [media] });
    expect((await atAnna.fail('editMessage', { messageId: message.id, text: ' ' })).code).toBe(
      'INVALID',
    );
    const text = await atAnna.send(chat.id, 'plain');
    expect((await atAnna.fail('editMessage', { messageId: text.id, text: '' })).code).toBe(
      'INVALID',
    );
    expect((await atBen.fail('editMessage', { messageId: message.id, text: 'His' })).code).toBe(
      'FORBIDDEN',
    );
  });

  it('MSG-1 IDEM-1 its caption mentions members, by both doors, and no others', async () => {
    const media = await anna.upload('x');
    const mentions = [stranger.id, ben.id];
    const clientMessageId = randomUUID();
    const said = { clientMessageId, mediaIds: [media.id], text: '@ben', mentions };
    const { message } = await atAnna.command('sendMedia', { chatId: chat.id, ...said });
    expect(message.mentions).toEqual([ben.id]);
    expect((await atBen.next('newMediaMessage')).mentions).toEqual([ben.id]);
    const body = { kind: 'media', ...said };
    const again = await anna.call('sendMessage', { params: { id: chat.id }, body });
    expect(again).toMatchObject({ status: 200, body: { message, duplicate: true } });
    const other = { params: { id: chat.id }, body: { ...body, mentions: [ben.id] } };
    expect((await anna.fail('sendMessage', other)).code).toBe('CONFLICT');
    const tooMany = Array.from({ length: 101 }, () => randomUUID());
    const input = { ...said, chatId: chat.id, clientMessageId: randomUUID(), mentions: tooMany };
    expect((await atAnna.fail('sendMedia', input)).code).toBe('INVALID');

    const { message: edited } = await atAnna.command('editMessage', {
      messageId: message.id,
      text: 'nobody',
      mentions: [],
    });
    expect(edited).not.toHaveProperty('mentions');
  });

  it('MSG-5 forwarded, it brings caption and media to those who could not see them before', async () => {
    const media = await anna.upload('pass it on');
    const message = await send([media.id], { text: 'For all' });
    const { body: other } = await ben.call('createChat', {
      body: { type: 'direct', userId: stranger.id },
    });
    const atStranger = await stranger.connect();
    await atBen.command('forwardMessage', {
      messageId: message.id,
      chatIds: [other.id],
      clientMessageIds: [randomUUID()],
    });
    const copy = await atStranger.next('newMediaMessage');
    expect(copy).toMatchObject({
      forwarded: true,
      text: 'For all',
      media: [media],
      senderId: ben.id,
    });
    expect(await (await stranger.fetch(media.url)).text()).toBe('pass it on');
    // The copy holds the file, whatever becomes of the source.
    await atAnna.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
    expect(await (await stranger.fetch(media.url)).text()).toBe('pass it on');
    expect(await (await anna.fetch(media.url)).text()).toBe('pass it on');
    await atBen.command('deleteMessage', { messageId: copy.id, scope: 'everyone' });
    for (const user of [stranger, anna, ben])
      expect(await statusOf(user.fetch(media.url))).toBe(404);
    await vi.waitFor(
      async () => expect((await storedFiles(server)).join()).not.toContain(`${media.id}.content`),
      {
        timeout: 60_000,
        interval: 500,
      },
    );
    stranger.disconnect();
  });

  it('MEDIA-2 an encrypted message holds opaque uploads alone, and nothing is known of these', async () => {
    const opaque = await anna.upload('<html>not looked into</html>', {
      name: 'x.html',
      type: 'text/html',
      fields: { opaque: 'true', voice: 'true', durationMs: '5', peaks: '1,2' },
    });
    expect(opaque).toMatchObject({ kind: 'file', mimeType: 'application/octet-stream' });
    for (const key of ['voice', 'durationMs', 'peaks']) expect(opaque).not.toHaveProperty(key);
    const encrypted = { scheme: 'test', ciphertext: 'AAAA' };
    const base = { chatId: chat.id, encrypted };
    const { message } = await atAnna.command('sendEncryptedMessage', {
      ...base,
      clientMessageId: randomUUID(),
      mediaIds: [opaque.id],
    });
    expect(message).toMatchObject({ kind: 'encrypted', media: [opaque] });
    expect(await atBen.next('newEncryptedMessage')).toEqual(message);
    expect(await (await ben.fetch(opaque.url)).text()).toBe('<html>not looked into</html>');
    const plain = await anna.upload('plain');
    const fail = (mediaIds: string[]) =>
      atAnna.fail('sendEncryptedMessage', { ...base, clientMessageId: randomUUID(), mediaIds });
    expect((await fail([plain.id])).code).toBe('INVALID');
    expect((await fail([randomUUID()])).code).toBe('NOT_FOUND');
    const none = { ...base, clientMessageId: randomUUID(), mediaIds: [] };
    expect((await atAnna.command('sendEncryptedMessage', none)).message).not.toHaveProperty(
      'media',
    );
  });

  it('MSG-4 hidden by a member, it takes the file from him and from nobody else', async () => {
    const media = await anna.upload('x');
    const message = await send([media.id]);
    await atBen.command('deleteMessage', { messageId: message.id, scope: 'me' });
    expect(await statusOf(ben.fetch(media.url))).toBe(404);
    expect(await statusOf(anna.fetch(media.url))).toBe(200);
  });
});
