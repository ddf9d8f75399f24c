import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Chat, Media, MediaDownload, Message } from '@natter/protocol';
import {
  files,
  PASSWORD,
  queryDatabase,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

const CONTENT = randomBytes(100_000);

/** What must happen may take its time on a machine that is busy. */
const PATIENCE = { timeout: 30_000, interval: 50 };

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
  message = await send(group.id, media.id);
});
afterEach(() => {
  for (const user of [anna, ben, cleo]) user.disconnect();
});

async function send(chatId: string, ...mediaIds: string[]): Promise<Message> {
  const input = { chatId, clientMessageId: randomUUID(), mediaIds };
  return (await atAnna.command('sendMedia', input)).message;
}

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** Reads all of an answer, so that its connection is free for the next request. */
async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
}

async function linkTo(user: TestUser, id = media.id): Promise<string> {
  const { body } = await user.call('createMediaLinks', { body: { ids: [id] } });
  expect(body.map((link) => link.id)).toEqual([id]);
  return body[0]?.url ?? '';
}

/** As an `<img>` asks: with the address alone. */
const open = (address: string, init: RequestInit = {}) => fetch(new URL(address, server.url), init);

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

  it('PRIV-1 of others are answered as those of a random id', async () => {
    const ask = (id: string) =>
      Promise.all(
        (['getMedia', 'getMediaContent', 'getMediaThumbnail', 'listMediaDownloads'] as const).map(
          async (name) => {
            const { status, body } = await sendRequest(server.url, name, {
              token: cleo.token,
              params: { id },
            });
            return { status, body: { ...(body as object), requestId: '' } };
          },
        ),
      );
    const [others, random] = [await ask(media.id), await ask(randomUUID())];
    expect(others).toEqual(random);
    expect(others.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await cleo.fail('createMediaLinks', { body: { ids: [media.id] } })).code).toBe(
      'NOT_FOUND',
    );
    expect((await ben.fail('getMedia', { params: { id: 'x' } })).code).toBe('INVALID');
  });
});

describe('T69 access ends at once', () => {
  const isOpenTo = async (user: TestUser, address = media.url) =>
    (await statusOf(user.fetch(address))) === 200;

  it('MEDIA-2 when he leaves, is removed, or the group is deleted, also by a link', async () => {
    await anna.call('addMembers', { params: { id: group.id }, body: { userIds: [cleo.id] } });
    const [ofBen, ofCleo, ofAnna] = [await linkTo(ben), await linkTo(cleo), await linkTo(anna)];
    for (const link of [ofBen, ofCleo, ofAnna]) expect(await statusOf(open(link))).toBe(200);
    await ben.call('leaveGroup', { params: { id: group.id } });
    expect(await isOpenTo(ben)).toBe(false);
    expect(await statusOf(open(ofBen))).toBe(404);
    await anna.call('removeMember', { params: { id: group.id, userId: cleo.id } });
    expect(await isOpenTo(cleo)).toBe(false);
    expect(await statusOf(open(ofCleo))).toBe(404);
    expect(await isOpenTo(anna)).toBe(true);
    await anna.call('deleteChat', { params: { id: group.id } });
    expect(await isOpenTo(anna)).toBe(false);
    expect(await statusOf(open(ofAnna))).toBe(404);
  });

  it('MSG-3 when the last message that holds it is deleted, and not before', async () => {
    const again = await send(group.id, media.id);
    const link = await linkTo(ben);
    await atAnna.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
    expect(await isOpenTo(ben)).toBe(true);
    await atAnna.command('deleteMessage', { messageId: again.id, scope: 'everyone' });
    for (const user of [anna, ben]) expect(await isOpenTo(user)).toBe(false);
    expect(await statusOf(open(link))).toBe(404);
    const [tombstone] = (await ben.readHistory(group.id)).slice(-1);
    expect(tombstone).not.toHaveProperty('media');
    const input = { chatId: group.id, clientMessageId: randomUUID(), mediaIds: [media.id] };
    expect((await atAnna.fail('sendMedia', input)).code).toBe('NOT_FOUND');
  });

  it('MEDIA-2 to the thumbnail as to the bytes, by every address that he kept', async () => {
    const picture = await anna.upload(Buffer.from(await files.jpeg()), {
      name: 'p.jpg',
      type: 'image/jpeg',
    });
    const sent = await send(group.id, picture.id);
    const addresses = async (user: TestUser): Promise<string[]> => {
      const { body } = await user.call('createMediaLinks', { body: { ids: [picture.id] } });
      return [body[0]?.url ?? '', body[0]?.thumbnailUrl ?? ''];
    };
    const [ofBen, ofAnna] = [await addresses(ben), await addresses(anna)];
    const plain = [picture.url, picture.thumbnailUrl ?? ''];
    const statuses = (links: string[], user: TestUser) =>
      Promise.all(
        [...links.map((link) => open(link)), ...plain.map((url) => user.fetch(url))].map(statusOf),
      );
    expect(await statuses(ofBen, ben)).toEqual([200, 200, 200, 200]);
    await ben.call('leaveGroup', { params: { id: group.id } });
    expect(await statuses(ofBen, ben)).toEqual([404, 404, 404, 404]);
    expect(await statuses(ofAnna, anna)).toEqual([200, 200, 200, 200]);
    await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'everyone' });
    expect(await statuses(ofAnna, anna)).toEqual([404, 404, 404, 404]);
  });

  it('and nobody deletes what is held, with a link or without a login', async () => {
    const link = await linkTo(ben);
    for (const address of [media.url, link, `/v1/media/${media.id}`]) {
      expect([401, 404]).toContain(await statusOf(open(address, { method: 'DELETE' })));
    }
    const upload = `/v1/uploads/${media.id}`;
    const headers = { 'tus-resumable': '1.0.0' };
    expect(await statusOf(open(upload, { method: 'DELETE', headers }))).toBe(401);
    expect([403, 404]).toContain(await statusOf(ben.fetch(upload, { method: 'DELETE', headers })));
    expect(await isOpenTo(ben)).toBe(true);
  });

  it('MSG-7 when its time is over, to its uploader too', async () => {
    await anna.call('updateChat', { params: { id: group.id }, body: { messageTtlMs: 1500 } });
    const brief = await anna.upload('for a moment');
    await send(group.id, brief.id);
    expect(await isOpenTo(ben, brief.url)).toBe(true);
    await vi.waitFor(
      async () => {
        expect(await isOpenTo(ben, brief.url)).toBe(false);
        expect(await isOpenTo(anna, brief.url)).toBe(false);
      },
      { timeout: 10_000, interval: 50 },
    );
  });

  it('BLOCK-1 and never begins where the sender is blocked', async () => {
    const direct = await anna.direct(ben);
    await ben.call('blockUser', { params: { id: anna.id } });
    const unseen = await anna.upload('unseen');
    await send(direct.id, unseen.id);
    expect(await isOpenTo(ben, unseen.url)).toBe(false);
    expect(await isOpenTo(anna, unseen.url)).toBe(true);
    await ben.call('unblockUser', { params: { id: anna.id } });
    expect(await isOpenTo(ben, unseen.url)).toBe(false);
  });

  it('MSG-4 when the chat is cleared', async () => {
    await ben.call('clearChat', { params: { id: group.id }, body: { upToSeq: message.seq } });
    expect(await isOpenTo(ben)).toBe(false);
    expect(await isOpenTo(anna)).toBe(true);
  });

  it('USER-3 what an account had uploaded and not sent goes with it, and what it sent stays', async () => {
    const unsent = await anna.upload('unsent');
    const link = await linkTo(anna, unsent.id);
    await anna.call('deleteAccount', { body: { password: PASSWORD } });
    expect(await statusOf(open(link))).toBe(401);
    expect(await isOpenTo(ben)).toBe(true);
    const rows = await queryDatabase(
      server.databaseUrl,
      'select id from media where owner_id = $1 and deleted_at is null',
      [anna.id],
    );
    expect(rows).toEqual([{ id: media.id }]);
  });
});

describe('a link', () => {
  it('MEDIA-3 opens a file without a token, for its own file, and says until when', async () => {
    const { body } = await ben.call('createMediaLinks', {
      body: { ids: [media.id, randomUUID(), media.id] },
    });
    expect(body).toHaveLength(1);
    const [link] = body;
    const lasts = Date.parse(link?.expiresAt ?? '') - Date.now();
    expect(lasts).toBeGreaterThan(4 * 60_000);
    expect(lasts).toBeLessThanOrEqual(5 * 60_000);
    const address = link?.url ?? '';
    const response = await open(address, { headers: { range: 'bytes=10-19' } });
    expect(response.status).toBe(206);
    expect((await bytesOf(response)).equals(CONTENT.subarray(10, 20))).toBe(true);
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');

    const other = await anna.upload('another');
    await send(group.id, other.id);
    const token = new URL(address, server.url).searchParams.get('link') ?? '';
    const changed = token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA');
    for (const wrong of [
      `${other.url}?link=${token}`,
      `${media.url}?link=${changed}`,
      `${media.url}?link=`,
      `${media.url}?link=${'A'.repeat(100)}`,
      `${media.url}?link=${ben.token}`,
      media.url,
    ]) {
      expect([400, 401]).toContain(await statusOf(open(wrong)));
    }
    // It is no token for anything else.
    expect(
      await statusOf(open('/v1/users/me', { headers: { authorization: `Bearer ${token}` } })),
    ).toBe(401);
    expect(await statusOf(open(`/v1/media/${media.id}?link=${token}`))).toBe(401);
  });

  it('MEDIA-3 ends with the session of its device', async () => {
    const phone = await ben.otherDevice();
    const [ofPhone, ofBen] = [await linkTo(phone), await linkTo(ben)];
    expect(await statusOf(open(ofPhone))).toBe(200);
    await phone.call('logout');
    expect(await statusOf(open(ofPhone))).toBe(401);
    expect(await statusOf(open(ofBen))).toBe(200);
  });
});

it('MEDIA-1 a node that stops waits for nobody who takes or brings a file', async () => {
  const other = await startTestServer();
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
    const [first, ...others] = await downloadsOf();
    expect(others).toEqual([]);
    expect(first).toMatchObject({ userId: ben.id, deviceId: ben.session.device.id });
    await (await ben.fetch(media.url)).arrayBuffer();
    expect(await downloadsOf()).toEqual([first]);
    const phone = await ben.otherDevice();
    await (await open(await linkTo(phone))).arrayBuffer();
    expect(await downloadsOf()).toEqual([
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
    expect(await downloadsOf()).toMatchObject([{ userId: ben.id }]);
  });

  it('MEDIA-4 that is broken off is none', async () => {
    const large = await anna.upload(randomBytes(20_000_000));
    await send(group.id, large.id);
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
