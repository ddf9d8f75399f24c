import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Chat, Media, MediaDownload, Message } from '@natter/protocol';
import { startTestServer, type TestServer, type TestSocket, type TestUser } from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesOf, linkTo, PATIENCE, sendMedia, statusOf } from './media-answers.js';

const CONTENT = randomBytes(100_000);

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let cleo: TestUser;
let atAnna: TestSocket;
let group: Chat;
let media: Media;
let message: Message;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
  atAnna = await anna.connect();
  group = await anna.group([ben]);
  media = await anna.upload(CONTENT);
  message = await sendMedia(atAnna, group.id, [media.id]);
});
afterEach(() => {
  for (const user of [anna, ben, cleo]) user.disconnect();
});

/** As an `<img>` asks: with the address alone. */
const open = (address: string, init: RequestInit = {}) => fetch(new URL(address, server.url), init);

/** A download is noted once its last byte was handed over, which may be after it has come: what is to be noted is polled for. */
async function downloadsOf(id = media.id): Promise<MediaDownload[]> {
  const { body } = await anna.call('listMediaDownloads', { params: { id } });
  return body.items;
}

describe('the bytes', () => {
  it('MEDIA-1 are answered as a download that nothing can run in', async () => {
    const { headers } = await ben.fetch(media.url);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '100000',
      'content-disposition': 'attachment; filename=file.bin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
    });
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=99990-', 99_990, 100_000],
    ['bytes=-10', 99_990, 100_000],
    ['bytes=5-200000', 5, 100_000],
  ])('MEDIA-2 come in ranges: %s', async (range, from, to) => {
    const response = await ben.fetch(media.url, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/100000`);
    expect((await bytesOf(response)).equals(CONTENT.subarray(from, to))).toBe(true);
  });

  it('T68 a range that is not there, or a thousand of them, is 416; what is none is ignored', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `${i}-${i + 1}`).join(',');
    for (const range of ['bytes=100000-', 'bytes=-0', 'bytes=0-1,0-1', `bytes=${many}`]) {
      const response = await ben.fetch(media.url, { headers: { range } });
      expect([response.status, response.headers.get('content-range')]).toEqual([
        416,
        'bytes */100000',
      ]);
      expect((await bytesOf(response)).length).toBe(0);
    }
    for (const range of ['bytes=9-5', 'bytes=-', 'items=0-5', 'bytes=--1', 'bytes=0x1-']) {
      const response = await ben.fetch(media.url, { headers: { range } });
      expect([response.status, (await bytesOf(response)).length]).toEqual([200, 100_000]);
    }
  });

  it('MEDIA-2 are not sent again to whoever has them, and not mixed with others', async () => {
    const first = await ben.fetch(media.url);
    const etag = first.headers.get('etag') ?? '';
    await first.arrayBuffer();
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const same = await ben.fetch(media.url, { headers: { 'if-none-match': `"x", W/${etag}` } });
    expect([same.status, (await bytesOf(same)).length]).toEqual([304, 0]);
    const range = 'bytes=0-9';
    const current = await ben.fetch(media.url, { headers: { range, 'if-range': etag } });
    expect([current.status, (await bytesOf(current)).length]).toEqual([206, 10]);
    const other = await ben.fetch(media.url, { headers: { range, 'if-range': '"other"' } });
    expect([other.status, (await bytesOf(other)).length]).toEqual([200, 100_000]);
  });

  it('T29 HEAD has the same guard and the same headers', async () => {
    const head = await ben.fetch(media.url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('100000');
    expect((await bytesOf(head)).length).toBe(0);
    const range = await ben.fetch(media.url, { method: 'HEAD', headers: { range: 'bytes=0-4' } });
    expect([range.status, range.headers.get('content-length')]).toEqual([206, '5']);
    expect(await statusOf(cleo.fetch(media.url, { method: 'HEAD' }))).toBe(404);
    expect(await statusOf(open(media.url, { method: 'HEAD' }))).toBe(401);
    for (const address of [
      media.url.toUpperCase(),
      `${media.url}/`,
      `${media.url}.`,
      media.url.replace('/content', '//content'),
      media.url.replace('/v1', '/v1/.'),
      media.url.replace('media', '%6dedia'),
      media.url.replace('/content', '%2fcontent'),
    ]) {
      for (const headers of [{}, { 'x-http-method-override': 'GET' }]) {
        const status = await statusOf(open(address, { headers }));
        expect([401, 404]).toContain(status);
      }
    }
  });
});

it('MEDIA-1 a node that stops waits for nobody who takes or brings a file', async () => {
  const other = await startTestServer({ drainMs: 2000 });
  const user = await other.user();
  const large = await user.upload(randomBytes(30_000_000));
  const { hostname, port } = new URL(other.url);
  const [taking, bringing] = [connect(Number(port), hostname), connect(Number(port), hostname)];
  taking.write(
    `GET ${large.url} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${user.token}\r\n\r\n`,
  );
  await new Promise<void>((resolve) => taking.once('readable', () => resolve()));
  bringing.write(
    `POST /v1/media HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${user.token}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 2000000\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\nx`,
  );
  for (const socket of [taking, bringing]) socket.on('error', () => undefined);
  await vi.waitFor(
    async () => expect(await readdir(join(other.dataFolder, 'uploads'))).toHaveLength(1),
    PATIENCE,
  );
  await other.stop();
  for (const socket of [taking, bringing]) socket.destroy();
});

describe('a download', () => {
  it('MEDIA-4 is told to the uploader once for each device, when all of it has come', async () => {
    expect(await downloadsOf()).toEqual([]);
    await (await ben.fetch(media.url)).arrayBuffer();
    await (await anna.fetch(media.url)).arrayBuffer();
    await expect.poll(() => downloadsOf()).toHaveLength(1);
    const [first] = await downloadsOf();
    expect(first).toMatchObject({ userId: ben.id, deviceId: ben.session.device.id });
    await (await ben.fetch(media.url)).arrayBuffer();
    expect(await downloadsOf()).toEqual([first]);
    const phone = await ben.otherDevice();
    await (await open(await linkTo(phone, media.id))).arrayBuffer();
    await expect
      .poll(() => downloadsOf())
      .toEqual([
        first,
        expect.objectContaining({ userId: ben.id, deviceId: phone.session.device.id }),
      ]);
    const { body } = await anna.call('listMediaDownloads', {
      params: { id: media.id },
      query: { limit: 1 },
    });
    expect(body.items).toEqual([first]);
    const next = { params: { id: media.id }, query: { limit: 1, cursor: body.nextCursor ?? '' } };
    expect((await anna.call('listMediaDownloads', next)).body).toEqual({
      items: [expect.objectContaining({ deviceId: phone.session.device.id })],
    });
    expect((await ben.fail('listMediaDownloads', { params: { id: media.id } })).code).toBe(
      'FORBIDDEN',
    );
  });

  it('MEDIA-4 comes together from parts, in any order, and not before the last byte', async () => {
    const part = async (range: string) =>
      (await ben.fetch(media.url, { headers: { range } })).arrayBuffer();
    await part('bytes=50000-99999');
    await part('bytes=0-29999');
    await part('bytes=20000-49998');
    await ben.fetch(media.url, { method: 'HEAD' });
    expect(await downloadsOf()).toEqual([]);
    await part('bytes=49999-49999');
    await expect.poll(() => downloadsOf()).toMatchObject([{ userId: ben.id }]);
  });

  it('MEDIA-4 that is broken off is none', async () => {
    const large = await anna.upload(randomBytes(20_000_000));
    await sendMedia(atAnna, group.id, [large.id]);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET ${large.url} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ben.token}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    socket.destroy();
    await (await ben.fetch(large.url, { headers: { range: 'bytes=0-9' } })).arrayBuffer();
    expect(await downloadsOf(large.id)).toEqual([]);
  });

  it('MEDIA-4 of who has it from others, in a chat without the uploader, is not told', async () => {
    const atBen = await ben.connect();
    const other = await ben.direct(cleo);
    await atBen.command('forwardMessage', {
      messageId: message.id,
      chatIds: [other.id],
      clientMessageIds: [randomUUID()],
    });
    expect((await bytesOf(await cleo.fetch(media.url))).equals(CONTENT)).toBe(true);
    expect(await downloadsOf()).toEqual([]);
  });
});
