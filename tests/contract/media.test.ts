import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Chat, Message } from '@natter/protocol';
import {
  sendRequest,
  startTestServer,
  storedFiles,
  type TestServer,
  type TestSocket,
  type TestUser,
  uploadForm,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

/** What must happen may take its time on a machine that is busy. */
const PATIENCE = { timeout: 30_000, interval: 50 };

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let stranger: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let chat: Chat;

beforeAll(async () => {
  server = await startTestServer({ limits: { mediaBytes: 3_000_000 } });
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

async function send(mediaIds: string[], input: object = {}): Promise<Message> {
  const { message } = await atAnna.command('sendMedia', {
    chatId: chat.id,
    clientMessageId: randomUUID(),
    mediaIds,
    ...input,
  });
  return message;
}

type Body = NonNullable<RequestInit['body']>;

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** Reads all of an answer, so that its connection is free for the next request. */
async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
}
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const spooled = () => readdir(join(server.dataFolder, 'uploads')).catch(() => []);

describe('an upload', () => {
  it('MEDIA-1 comes back byte for byte, to its uploader and to members once a message holds it', async () => {
    const content = randomBytes(2_500_000);
    const media = await anna.upload(content, { name: 'Ünïcode №1.bin' });
    expect(media).toMatchObject({
      kind: 'file',
      size: content.length,
      fileName: 'Ünïcode №1.bin',
      url: `/v1/media/${media.id}/content`,
    });
    expect(sha256(await bytesOf(await anna.fetch(media.url)))).toBe(sha256(content));
    expect(await statusOf(ben.fetch(media.url))).toBe(404);
    expect((await ben.fail('getMedia', { params: { id: media.id } })).code).toBe('NOT_FOUND');

    const message = await send([media.id], { text: 'Look' });
    expect(message).toMatchObject({ kind: 'media', text: 'Look', media: [media] });
    expect(await atBen.next('newMediaMessage')).toEqual(message);
    expect(await ben.readHistory(chat.id)).toMatchObject([{ id: message.id, media: [media] }]);
    expect((await ben.readChat(chat.id)).lastMessage).toEqual(message);
    expect(sha256(await bytesOf(await ben.fetch(media.url)))).toBe(sha256(content));
    expect((await ben.call('getMedia', { params: { id: media.id } })).body).toEqual(media);
    expect(await statusOf(stranger.fetch(media.url))).toBe(404);
    expect(await spooled()).toEqual([]);
  });

  it('MEDIA-1 over the limit is TOO_LARGE, whether its length is told before or not, and leaves nothing', async () => {
    const tooMuch = randomBytes(3_000_001);
    const told = await sendRequest(server.url, 'uploadMedia', {
      token: anna.token,
      form: uploadForm(tooMuch),
    });
    expect(told).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
    const { body, headers } = new Response(uploadForm(tooMuch));
    const untold = await anna.fetch('/v1/media', { method: 'POST', body, headers, duplex: 'half' });
    expect(untold.status).toBe(413);
    expect(await untold.json()).toMatchObject({ code: 'TOO_LARGE' });
    expect((await anna.upload(tooMuch.subarray(1))).size).toBe(3_000_000);
    expect(await spooled()).toEqual([]);
  });

  it('T65 broken forms are refused, and leave nothing', async () => {
    const post = (body: Body, type?: string) =>
      anna.fetch('/v1/media', {
        method: 'POST',
        body,
        ...(type !== undefined && { headers: { 'content-type': type } }),
      });
    const nothing = new FormData();
    const misnamed = new FormData();
    misnamed.set('document', new File(['x'], 'x'));
    const twice = uploadForm('one');
    twice.append('file', new File(['two'], 'two'));
    const many = uploadForm('x', {
      fields: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, ''])),
    });
    const huge = uploadForm('x', { fields: { voice: 'x'.repeat(100_000) } });
    const bad: [Body, string?][] = [
      [nothing],
      [misnamed],
      [twice],
      [many],
      [huge],
      [uploadForm('x', { fields: { voice: 'maybe' } })],
      [uploadForm('x', { fields: { durationMs: '-1' } })],
      [uploadForm('x', { fields: { peaks: '[1, "2"]' } })],
      [uploadForm('x', { fields: { peaks: 'null' } })],
      [uploadForm('x', { fields: { voice: 'true' } })],
      ['', 'multipart/form-data'],
      ['x', 'multipart/form-data; boundary='],
      ['no boundary in it', 'multipart/form-data; boundary=b'],
      [
        '--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\ncut',
        'multipart/form-data; boundary=b',
      ],
      [
        '--b\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--',
        'multipart/form-data; boundary=b',
      ],
      [
        '--b\r\ncontent-disposition: form-data; name=""; filename="x"\r\n\r\nx\r\n--b--',
        'multipart/form-data; boundary=b',
      ],
    ];
    for (const [body, type] of bad) {
      const response = await post(body, type);
      expect([response.status, await response.text()]).toEqual([
        expect.toSatisfy((status: number) => status === 400 || status === 413),
        expect.stringMatching(/INVALID|TOO_LARGE/),
      ]);
    }
    for (const type of [
      'application/json',
      'text/plain',
      'application/octet-stream',
      'image/png',
    ]) {
      const response = await post('{}', type);
      expect(response.status).toBe(415);
      await response.text();
    }
    expect(await spooled()).toEqual([]);
    expect((await anna.upload('and it goes on')).size).toBe(14);
  });

  it('T30 a form is UNSUPPORTED_MEDIA to every other route', async () => {
    const response = await anna.fetch('/v1/chats', { method: 'POST', body: uploadForm('x') });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });

  it('T66 a huge body is refused before any of it is there, by its type or its length', async () => {
    const beginOf = async (path: string, type: string): Promise<string> => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${anna.token}\r\n` +
          `content-type: ${type}\r\ncontent-length: 10000000000\r\n\r\n`,
      );
      const answer = await new Promise<string>((resolve) => {
        socket.once('data', (data) => resolve(data.toString()));
      });
      socket.destroy();
      return answer.slice(0, 'HTTP/1.1 000'.length);
    };
    expect(await beginOf('/v1/media', 'image/png')).toBe('HTTP/1.1 415');
    expect(await beginOf('/v1/chats', 'application/x-huge')).toBe('HTTP/1.1 415');
    expect(await beginOf('/v1/chats', 'application/json')).toBe('HTTP/1.1 413');
  });

  it('T65 a client that goes away in the middle leaves nothing, and blocks nobody', async () => {
    const { hostname, port } = new URL(server.url);
    const head = `POST /v1/media HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${anna.token}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 2000000\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n`;
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write(head);
      socket.write(randomBytes(100_000));
    }
    await vi.waitFor(async () => expect(await spooled()).toHaveLength(20), PATIENCE);
    for (const [index, socket] of sockets.entries()) {
      if (index % 2 === 0) socket.destroy();
      else socket.end();
    }
    await vi.waitFor(async () => expect(await spooled()).toEqual([]), PATIENCE);
    expect((await anna.upload('still there')).size).toBe(11);
  });

  it('MEDIA-1 a user has so many uploads under way on a node, and no more', async () => {
    const small = await startTestServer({ limits: { userUploads: 2 } });
    try {
      const user = await small.user();
      const { hostname, port } = new URL(small.url);
      const head = `POST /v1/media HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${user.token}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 2000000\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nx`;
      const sockets = [1, 2].map(() => connect(Number(port), hostname));
      for (const socket of sockets) socket.write(head);
      await vi.waitFor(
        async () => expect(await readdir(join(small.dataFolder, 'uploads'))).toHaveLength(2),
        PATIENCE,
      );
      const form = uploadForm('one more');
      expect(await user.fail('uploadMedia', { form })).toMatchObject({ code: 'RATE_LIMITED' });
      for (const socket of sockets) socket.destroy();
      await vi.waitFor(async () => expect((await user.upload('one more')).size).toBe(8), PATIENCE);
    } finally {
      await small.stop();
    }
  });

  it('T70 over what a user may have is TOO_LARGE, in bytes and in files, and what is deleted makes room', async () => {
    const small = await startTestServer({ limits: { userMediaBytes: 100, userMediaFiles: 3 } });
    try {
      const { anna: user, chat: place, atAnna: at } = await small.directChat();
      const first = await user.upload('x'.repeat(60));
      expect((await user.fail('uploadMedia', { form: uploadForm('x'.repeat(41)) })).code).toBe(
        'TOO_LARGE',
      );
      const input = { chatId: place.id, clientMessageId: randomUUID(), mediaIds: [first.id] };
      const { message } = await at.command('sendMedia', input);
      await user.upload('a');
      await user.upload('b');
      expect((await user.fail('uploadMedia', { form: uploadForm('c') })).code).toBe('TOO_LARGE');
      await at.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
      await user.upload('c');
      // What is refused is not kept: all that is there has a row.
      await vi.waitFor(async () => expect(await storedFiles(small)).toHaveLength(3), PATIENCE);
    } finally {
      await small.stop();
    }
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['a\u202egpj.exe', 'agpj.exe'],
    [`${'long '.repeat(60)}.txt`, `${'long '.repeat(60).slice(0, 251)}.txt`],
    ["semi;colon 'quoted' %41 ü.txt", "semi;colon 'quoted' %41 ü.txt"],
  ])('T63 the name %j is kept as %j, and is nowhere on the disk', async (name, shown) => {
    const media = await anna.upload('content', { name });
    expect(media.fileName).toBe(shown);
    const response = await anna.fetch(media.url);
    const disposition = response.headers.get('content-disposition') ?? '';
    expect(disposition).toMatch(/^attachment; filename/);
    expect(disposition).toMatch(/^[\x20-\x7e]*$/);
    expect(
      (await storedFiles(server)).filter(
        (path) => !/^[0-9a-f]{2}\/[0-9a-f-]{36}\.content$/.test(path),
      ),
    ).toEqual([]);
  });
});

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
