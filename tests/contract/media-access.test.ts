import { randomBytes, randomUUID } from 'node:crypto';
import type { Chat, Media, Message } from '@natter/protocol';
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
import { bytesOf, linkTo, sendMedia, statusOf } from './media-answers.js';

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

it('PRIV-1 files of others are answered as those of a random id', async () => {
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

describe('T69 access ends at once', () => {
  const isOpenTo = async (user: TestUser, address = media.url) =>
    (await statusOf(user.fetch(address))) === 200;

  it('MEDIA-2 when he leaves, is removed, or the group is deleted, also by a link', async () => {
    await anna.call('addMembers', { params: { id: group.id }, body: { userIds: [cleo.id] } });
    const [ofBen, ofCleo, ofAnna] = [
      await linkTo(ben, media.id),
      await linkTo(cleo, media.id),
      await linkTo(anna, media.id),
    ];
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
    const again = await sendMedia(atAnna, group.id, [media.id]);
    const link = await linkTo(ben, media.id);
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
    const sent = await sendMedia(atAnna, group.id, [picture.id]);
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
    const link = await linkTo(ben, media.id);
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
    await sendMedia(atAnna, group.id, [brief.id]);
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
    await sendMedia(atAnna, direct.id, [unseen.id]);
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
    await sendMedia(atAnna, group.id, [other.id]);
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
    const [ofPhone, ofBen] = [await linkTo(phone, media.id), await linkTo(ben, media.id)];
    expect(await statusOf(open(ofPhone))).toBe(200);
    await phone.call('logout');
    expect(await statusOf(open(ofPhone))).toBe(401);
    expect(await statusOf(open(ofBen))).toBe(200);
  });
});
