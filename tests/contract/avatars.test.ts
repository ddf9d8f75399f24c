import { randomUUID } from 'node:crypto';
import type { Message } from '@natter/protocol';
import {
  files,
  PASSWORD,
  PICTURE,
  queryDatabase,
  startTestServer,
  storedFiles,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { ForgettingService } from '@natter/server/media';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const ask = async (address = '') => {
  const response = await fetch(new URL(address, server.url));
  return {
    status: response.status,
    headers: response.headers,
    content: Buffer.from(await response.arrayBuffer()),
  };
};

async function picture(user: TestUser): Promise<string> {
  const content = new Uint8Array(await files.jpeg(600, 400));
  return (await user.upload(content, { type: 'image/jpeg' })).id;
}

it('USER-2 a user has a square picture, which everybody may see who knows its address', async () => {
  const { anna, ben, atAnna, atBen, chat } = await server.directChat();
  const avatarMediaId = await picture(anna);
  const { body: user } = await anna.call('updateProfile', { body: { avatarMediaId } });
  expect(user.avatarUrl).toMatch(/^\/v1\/avatars\/[0-9a-f]{32}$/);
  const { avatarUrl } = user;
  const { status, headers, content } = await ask(avatarUrl);
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'public, max-age=86400',
  });
  expect(content.subarray(8, 12).toString()).toBe('WEBP');

  expect((await atAnna.next('profileChanged')).user.avatarUrl).toBe(avatarUrl);
  expect((await atBen.next('userUpdated')).user).toMatchObject({ id: anna.id, avatarUrl });
  expect((await ben.call('getUser', { params: { id: anna.id } })).body.avatarUrl).toBe(avatarUrl);
  const message: Message = await atAnna.send(chat.id, 'Seen me?');
  expect(message.sender.avatarUrl).toBe(avatarUrl);
  expect((await atBen.next('newMessage')).sender.avatarUrl).toBe(avatarUrl);
  const { participants = [] } = await ben.readChat(chat.id);
  expect(participants.map((member) => member.user.avatarUrl)).toContain(avatarUrl);

  // Another one takes its place, and none takes that one's.
  const { body: second } = await anna.call('updateProfile', { body: { avatarMediaId } });
  expect(second.avatarUrl).not.toBe(avatarUrl);
  expect((await ask(avatarUrl)).status).toBe(404);
  expect((await ask(second.avatarUrl)).status).toBe(200);
  const { body: same } = await anna.call('updateProfile', { body: { about: 'Busy' } });
  expect(same.avatarUrl).toBe(second.avatarUrl);
  const { body: none } = await anna.call('updateProfile', { body: { avatarMediaId: null } });
  expect(none).not.toHaveProperty('avatarUrl');
  expect((await ask(second.avatarUrl)).status).toBe(404);
  anna.disconnect();
  ben.disconnect();
});

it('USER-2 an avatar is made of an own picture alone', async () => {
  const [anna, ben] = [await server.user(), await server.user()];
  const fail = (avatarMediaId: unknown) => anna.fail('updateProfile', { body: { avatarMediaId } });
  expect((await fail(await picture(ben))).code).toBe('NOT_FOUND');
  expect((await fail(randomUUID())).code).toBe('NOT_FOUND');
  expect((await fail('x')).code).toBe('INVALID');
  expect(await fail((await anna.upload('no picture')).id)).toMatchObject({
    code: 'INVALID',
    details: [{ path: 'avatarMediaId' }],
  });
  const opaque = await anna.upload(PICTURE, { fields: { opaque: 'true' } });
  expect((await fail(opaque.id)).code).toBe('INVALID');
  expect(await ask(`/v1/avatars/${'0'.repeat(32)}`)).toMatchObject({ status: 404 });
  expect(await ask('/v1/avatars/..%2f..%2fetc')).toMatchObject({ status: 400 });
});

it('CHAT-2 a group has a picture, which those set who edit its info', async () => {
  const [anna, ben] = [await server.user(), await server.user()];
  const atBen = await ben.connect();
  const group = await anna.group([ben]);
  const params = { id: group.id };
  const avatarMediaId = await picture(anna);
  const { body: chat } = await anna.call('updateChat', { params, body: { avatarMediaId } });
  const { avatarUrl } = chat;
  expect((await ask(avatarUrl)).status).toBe(200);
  const told = await atBen.next('newMessage', ({ system }) => system?.type === 'chatUpdated');
  expect(told.system).toEqual({ type: 'chatUpdated', changes: { avatarUrl } });
  expect((await ben.readChat(group.id)).avatarUrl).toBe(avatarUrl);
  const { body: invite } = await anna.call('createInvite', { params });
  const invited = await ben.call('getInvite', { params: { code: invite.inviteCode } });
  expect(invited.body.avatarUrl).toBe(avatarUrl);

  const before = await queryDatabase(server.databaseUrl, 'select name from avatars');
  const body = { avatarMediaId: await picture(ben) };
  expect((await ben.fail('updateChat', { params, body })).code).toBe('FORBIDDEN');
  expect(await queryDatabase(server.databaseUrl, 'select name from avatars')).toEqual(before);
  const direct = await anna.direct(ben);
  const inDirect = { params: { id: direct.id }, body: { avatarMediaId } };
  expect((await anna.fail('updateChat', inDirect)).code).toBe('FORBIDDEN');

  const removed = await anna.call('updateChat', { params, body: { avatarMediaId: null } });
  expect(removed.body).not.toHaveProperty('avatarUrl');
  await atBen.next(
    'newMessage',
    ({ system }) => system?.type === 'chatUpdated' && system.changes.avatarUrl === null,
  );
  expect((await ask(avatarUrl)).status).toBe(404);
  ben.disconnect();
});

it('USER-3 an avatar goes with its account, and with its group', async () => {
  const anna = await server.user();
  const group = await anna.group();
  const avatarMediaId = await picture(anna);
  const { body: chat } = await anna.call('updateChat', {
    params: { id: group.id },
    body: { avatarMediaId },
  });
  await anna.call('deleteChat', { params: { id: group.id } });
  expect((await ask(chat.avatarUrl)).status).toBe(404);
  const { body: user } = await anna.call('updateProfile', { body: { avatarMediaId } });
  await anna.call('deleteAccount', { body: { password: PASSWORD } });
  expect((await ask(user.avatarUrl)).status).toBe(404);
  await server.natter.application.get(ForgettingService).forget();
  expect((await storedFiles(server)).filter((path) => path.endsWith('.avatar'))).toEqual([]);
});
