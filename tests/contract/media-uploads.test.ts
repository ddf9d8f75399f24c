import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import type { Chat } from '@natter/protocol';
import {
  PASSWORD,
  sendRequest,
  startTestServer,
  storedFiles,
  type TestServer,
  type TestSocket,
  type TestUser,
  uploadForm,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesOf, PATIENCE, sendMedia, statusOf } from './media-answers.js';

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

type Body = NonNullable<RequestInit['body']>;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** What is named by the server alone: ids, shelves, and what each is for. */
const PLAIN = /^([0-9a-f-]{2,36}(\.content|\.thumbnail)?|uploads|media|\.unfinished|resumable)$/;
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

    const message = await sendMedia(atAnna, chat.id, [media.id], { text: 'Look' });
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

  it('T65 a form that is refused does not hold back the next request of its connection', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let answers = '';
    socket.on('data', (data) => {
      answers += data.toString();
    });
    const named = 'content-disposition: form-data; name="document"; filename="x"';
    const form = Buffer.concat([
      Buffer.from(`--b\r\n${named}\r\n\r\n`),
      randomBytes(1_000_000),
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const token = `authorization: Bearer ${anna.token}`;
    socket.write(
      `POST /v1/media HTTP/1.1\r\nhost: x\r\n${token}\r\ncontent-length: ${form.length}\r\n` +
        'content-type: multipart/form-data; boundary=b\r\n\r\n',
    );
    socket.write(form);
    socket.write(`GET /v1/users/me HTTP/1.1\r\nhost: x\r\n${token}\r\n\r\n`);
    await vi.waitFor(
      () => expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']),
      PATIENCE,
    );
    socket.destroy();
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
      const resumable = await user.fetch('/v1/uploads', {
        method: 'POST',
        headers: { 'tus-resumable': '1.0.0', 'upload-length': '8' },
      });
      expect(await resumable.json()).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1000 });
      expect(resumable.headers.get('retry-after')).toBe('1');
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

  it('T70 the same bytes of two users are two files, and tell neither of the other', async () => {
    const content = 'x'.repeat(60);
    const small = await startTestServer({ limits: { userMediaBytes: 100 } });
    try {
      const [one, other] = [await small.user(), await small.user()];
      const first = await one.upload(content);
      const second = await other.upload(content);
      expect(second.id).not.toBe(first.id);
      // Nothing is shared: each is stored, each counts, and each goes for itself.
      expect((await storedFiles(small)).toSorted()).toEqual(
        [first, second].map(({ id }) => `${id}.content`).toSorted(),
      );
      const more = { form: uploadForm('x'.repeat(41)) };
      expect((await other.fail('uploadMedia', more)).code).toBe('TOO_LARGE');
      const tag = (await other.fetch(second.url)).headers.get('etag') ?? '';
      const headers = { 'if-none-match': tag };
      expect(await statusOf(other.fetch(second.url, { headers }))).toBe(304);
      expect(await statusOf(other.fetch(first.url, { headers }))).toBe(404);
      await one.call('deleteAccount', { body: { password: PASSWORD } });
      expect(await (await other.fetch(second.url)).text()).toBe(content);
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
    for (const path of await readdir(server.dataFolder, { recursive: true })) {
      expect(basename(path)).toMatch(PLAIN);
    }
  });
});
