import { randomUUID } from 'node:crypto';
import {
  callRoute,
  failRoute,
  freshName,
  PASSWORD,
  queryDatabase,
  sendRequest,
  startTestServer,
  type TestServer,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

function remove(user: TestUser, password: unknown = PASSWORD) {
  return sendRequest(server.url, 'deleteAccount', { token: user.token, body: { password } });
}

it('USER-3 AUTH-1 a wrong password is UNAUTHENTICATED, and ever more of them are limited', async () => {
  const user = await server.user();
  for (let guess = 0; guess < 10; guess += 1) {
    expect(
      await user.fail('deleteAccount', { body: { password: `guess ${guess}` } }),
    ).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  expect(await user.fail('deleteAccount', { body: { password: PASSWORD } })).toMatchObject({
    code: 'RATE_LIMITED',
  });
  expect((await user.call('getOwnUser')).status).toBe(200);
});

it.each([[{}], [{ password: null }], [{ password: 'nul\0' }], [{ password: 'a'.repeat(1025) }]])(
  'ERR-1 %j is INVALID',
  async (body) => {
    const user = await server.user();
    expect(await user.fail('deleteAccount', { body })).toMatchObject({ code: 'INVALID' });
  },
);

it('USER-3 AUTH-3 ends every session: sockets are cut, tokens and the login refused', async () => {
  const user = await server.user();
  const tablet = await user.otherDevice();
  const sockets = await Promise.all([user.connect(), user.connect(), tablet.connect()]);
  expect((await remove(user)).status).toBe(204);
  for (const socket of sockets) {
    await socket.until(() => socket.raw.disconnected, 'the cut');
    expect(socket.of('sessionEnded')).toMatchObject([{ code: 'DEVICE_REVOKED' }]);
  }
  const { username } = user.session.user;
  for (const { session } of [user, tablet]) {
    const token = session.accessToken;
    expect(await failRoute(server.url, 'getOwnUser', { token })).toMatchObject({
      code: 'DEVICE_REVOKED',
    });
    expect(
      await failRoute(server.url, 'refresh', { body: { refreshToken: session.refreshToken } }),
    ).toMatchObject({ code: 'DEVICE_REVOKED' });
  }
  const [gone, unknown] = await Promise.all(
    [username, freshName('nobody')].map((name) =>
      failRoute(server.url, 'login', { body: { username: name, password: PASSWORD } }),
    ),
  );
  expect(gone).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect({ ...gone, requestId: '' }).toEqual({ ...unknown, requestId: '' });
});

it('USER-3 AUTH-4 nobody gets the name again, in any case, nor logs in by the new one', async () => {
  const user = await server.user(freshName('Unique'));
  await remove(user);
  const { username } = user.session.user;
  for (const name of [username, username.toUpperCase()]) {
    expect(
      await failRoute(server.url, 'register', { body: { username: name, password: PASSWORD } }),
    ).toMatchObject({ code: 'CONFLICT' });
  }
  const deleted = `deleted-${user.id.slice(-8)}`;
  expect(
    await failRoute(server.url, 'login', { body: { username: deleted, password: PASSWORD } }),
  ).toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('USER-3 AUTH-4 a registration of the name during the deletion fails, whichever comes first', async () => {
  for (let round = 0; round < 10; round += 1) {
    const user = await server.user();
    const { username } = user.session.user;
    const [{ status }] = await Promise.all([
      sendRequest(server.url, 'register', { body: { username, password: PASSWORD } }),
      remove(user),
    ]);
    expect(status).toBe(409);
  }
});

it('USER-3 AUTH-3 a login during the deletion leaves no session behind', async () => {
  for (let round = 0; round < 10; round += 1) {
    const user = await server.user();
    const { username } = user.session.user;
    const [login] = await Promise.all([
      sendRequest(server.url, 'login', { body: { username, password: PASSWORD } }),
      remove(user),
    ]);
    if (login.status !== 200) continue;
    const { accessToken: token } = login.body as { accessToken: string };
    expect((await sendRequest(server.url, 'getOwnUser', { token })).status).toBe(401);
  }
});

it('USER-3 the names are in no answer; messages stay with a deleted sender', async () => {
  const secret = freshName('secret');
  const [{ body: session }, friend] = await Promise.all([
    callRoute(server.url, 'register', {
      body: { username: secret, password: PASSWORD, displayName: `${secret} Name` },
    }),
    server.user(),
  ]);
  const user = new TestUser(server.url, session);
  await user.call('updateProfile', { body: { about: `about ${secret}` } });
  const [direct, group] = [await user.direct(friend), await friend.group([user])];
  const [socket, atFriend] = await Promise.all([user.connect(), friend.connect()]);
  const message = await socket.send(direct.id, 'still here');
  await socket.send(group.id, 'here, too');
  const cursor = await atFriend.cursor();
  await remove(user);
  await atFriend.next('newMessage', ({ system }) => system?.type === 'memberLeft');

  const sender = {
    id: user.id,
    username: `deleted-${user.id.slice(-8)}`,
    displayName: 'Deleted user',
  };
  const params = { id: direct.id };
  const answers = [
    (await friend.call('getHistory', { params })).body,
    (await friend.call('getHistory', { params: { id: group.id } })).body,
    (await friend.call('getLog', { params: { id: group.id } })).body,
    (await friend.call('getChat', { params })).body,
    (await friend.call('listMembers', { params })).body,
    (await friend.call('listChats')).body,
    (await friend.call('listUsers', { query: { query: secret } })).body,
    (await friend.call('listUsers', { query: { ids: user.id } })).body,
    await atFriend.command('sync', { cursor }),
    await atFriend.command('joinChat', { chatId: direct.id }),
  ] as const;
  expect(JSON.stringify(answers)).not.toContain(secret);
  expect(answers[0].items).toMatchObject([{ id: message.id, text: 'still here', sender }]);
  expect(answers[1].items.map(({ text, system }) => text ?? system?.type)).toEqual([
    'chatCreated',
    'here, too',
    'memberLeft',
  ]);
  expect(answers[3].participants?.find((member) => member.user.id === user.id)?.user).toEqual({
    ...sender,
    role: 'user',
    online: false,
    createdAt: user.session.user.createdAt,
  });
  expect([answers[6].items, answers[7].items]).toEqual([[], []]);
  expect(await friend.fail('getUser', { params: { id: user.id } })).toMatchObject({
    code: 'NOT_FOUND',
  });
  friend.disconnect();
});

it('USER-3 what he called his devices is kept nowhere, also of one that was revoked before', async () => {
  const word = randomUUID();
  const { body } = await callRoute(server.url, 'register', {
    body: {
      username: freshName(),
      password: PASSWORD,
      device: { name: `Phone of ${word}`, platform: 'iOS 26' },
    },
  });
  const user = new TestUser(server.url, body);
  const tablet = await user.otherDevice();
  const params = { id: tablet.session.device.id };
  await user.call('renameDevice', { params, body: { name: `Tablet of ${word}` } });
  await user.call('revokeDevice', { params });
  await user.call('deleteAccount', { body: { password: PASSWORD } });
  const rows = await queryDatabase(
    server.databaseUrl,
    'select name, platform from devices where user_id = $1',
    [user.id],
  );
  expect(rows).toEqual(Array.from({ length: 2 }, () => ({ name: '', platform: null })));
});

it('USER-3 CHAT-1 the direct chat stays for the other side, and nobody opens a new one', async () => {
  const [user, friend, stranger] = await Promise.all([server.user(), server.user(), server.user()]);
  const chat = await friend.direct(user);
  await remove(user);
  expect((await friend.direct(user)).id).toBe(chat.id);
  const socket = await friend.connect();
  await socket.send(chat.id, 'to nobody');
  expect(
    await stranger.fail('createChat', { body: { type: 'direct', userId: user.id } }),
  ).toMatchObject({ code: 'NOT_FOUND' });
  expect((await stranger.group([user])).memberCount).toBe(1);
  friend.disconnect();
});

it('USER-3 CHAT-2 he leaves every group, and hands over those that he owned', async () => {
  const [user, heir] = await Promise.all([server.user(), server.user()]);
  const groups = [];
  for (let index = 0; index < 5; index += 1) groups.push(await user.group([heir]));
  const alone = await user.group([], { visibility: 'public' });
  const atHeir = await heir.connect();
  await remove(user);
  for (const { id } of groups) {
    await atHeir.next(
      'newMessage',
      ({ chatId, system }) => chatId === id && system?.type === 'roleChanged',
    );
    expect(
      atHeir
        .of('newMessage')
        .filter(({ chatId }) => chatId === id)
        .map(({ system }) => system),
    ).toEqual([
      { type: 'memberLeft', userIds: [user.id] },
      { type: 'roleChanged', userIds: [heir.id], role: 'owner' },
    ]);
    const { body } = await heir.call('getChat', { params: { id } });
    expect(body).toMatchObject({ memberCount: 1, me: { role: 'owner' } });
  }
  expect(await heir.fail('getChat', { params: { id: alone.id } })).toMatchObject({
    code: 'NOT_FOUND',
  });
  heir.disconnect();
});

it('USER-3 DUR-1 a deletion that was broken off before the groups is finished by the next start', async () => {
  const own = await startTestServer();
  const [user, heir] = await Promise.all([own.user(), own.user()]);
  const group = await user.group([heir]);
  await queryDatabase(
    own.databaseUrl,
    `update users set deleted_at = now() - interval '1 day', departs = true where id = $1`,
    [user.id],
  );
  const next = await startTestServer({ databaseUrl: own.databaseUrl });
  const atNext = new TestUser(next.url, heir.session);
  const socket = await atNext.connect();
  await socket.until(() => socket.raw.connected, 'the connection');
  await expect
    .poll(async () => (await atNext.call('getChat', { params: { id: group.id } })).body)
    .toMatchObject({ memberCount: 1, me: { role: 'owner' } });
  await expect
    .poll(() => queryDatabase(own.databaseUrl, 'select id from users where departs'))
    .toEqual([]);
  atNext.disconnect();
  await next.stop();
  await own.stop();
});

it('USER-3 what concerned nobody but the user goes with his account', async () => {
  const [user, other] = await Promise.all([server.user(), server.user()]);
  const { id } = await user.direct(other);
  const body = {
    kind: 'text',
    text: 'hello',
    clientMessageId: '5e1a8c7e-0c57-4d2a-9a43-6d3c5b5f2f10',
  };
  const { body: sent } = await other.call('sendMessage', { params: { id }, body });
  await user.call('setDraft', { params: { id }, body: { text: 'a thought' } });
  await user.call('starMessage', { params: { id: sent.message.id } });
  await user.call('blockUser', { params: { id: other.id } });
  const left = () =>
    queryDatabase(
      server.databaseUrl,
      `select
         (select count(*)::int from preferences where user_id = $1 and draft_text is not null) as drafts,
         (select count(*)::int from stars where user_id = $1) as stars,
         (select count(*)::int from blocks where blocker_id = $1) as blocks`,
      [user.id],
    );
  expect(await left()).toEqual([{ drafts: 1, stars: 1, blocks: 1 }]);
  await remove(user);
  expect(await left()).toEqual([{ drafts: 0, stars: 0, blocks: 0 }]);
});
