import { randomUUID } from 'node:crypto';
import type { Session, Tokens } from '@natter/protocol';
import { Bus } from '@natter/server/streams';
import {
  callRoute,
  failRoute,
  freshName,
  PASSWORD,
  sendRequest,
  startTestServer,
  TestSocket,
  type TestServer,
  TestUser,
} from '@natter/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

function refresh(refreshToken: string) {
  return callRoute(server.url, 'refresh', { body: { refreshToken } });
}

function failRefresh(refreshToken: unknown) {
  return failRoute(server.url, 'refresh', { body: { refreshToken } });
}

async function isAlive({ accessToken }: Tokens | Session): Promise<boolean> {
  return (await sendRequest(server.url, 'getOwnUser', { token: accessToken })).status === 200;
}

describe('refresh', () => {
  it('AUTH-2 gives a successor; the same token again gives the same successor until that is used', async () => {
    const { session } = await server.user();
    const { body: first } = await refresh(session.refreshToken);
    const { body: again } = await refresh(session.refreshToken);
    expect(again.refreshToken).toBe(first.refreshToken);
    const { body: second } = await refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await isAlive(second)).toBe(true);
  });

  it('AUTH-2 twenty refreshes at once with one token give one successor', async () => {
    const { session } = await server.user();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refresh(session.refreshToken)),
    );
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    expect(await isAlive(answers[19]?.body ?? session)).toBe(true);
  });

  it.each([
    ['the successor', async (tokens: Tokens) => void (await refresh(tokens.refreshToken))],
    ['its access token over HTTP', async (tokens: Tokens) => void (await isAlive(tokens))],
    [
      'its access token at a socket',
      async (tokens: Tokens) =>
        (await TestSocket.connect(server.url, { token: tokens.accessToken })).close(),
    ],
  ])(
    'AUTH-2 after %s was used, the old token revokes the device, whoever holds it',
    async (_, use) => {
      const { session } = await server.user();
      const { body: successor } = await refresh(session.refreshToken);
      await use(successor);
      expect(await failRefresh(session.refreshToken)).toMatchObject({
        code: 'DEVICE_REVOKED',
        status: 401,
      });
      expect(await failRefresh(successor.refreshToken)).toMatchObject({ code: 'DEVICE_REVOKED' });
      expect(await isAlive(successor)).toBe(false);
    },
  );

  it.each([
    ['nonsense', () => 'nonsense'],
    ['empty', () => ''],
    ['an access token', (session: Session) => session.accessToken],
    ['of a device that does not exist', () => `${randomUUID()}.1.0.${'A'.repeat(43)}`],
    [
      'forged for a device that exists',
      (session: Session) => `${session.device.id}.1.0.${'A'.repeat(43)}`,
    ],
    ['edited to be the next one', (session: Session) => session.refreshToken.replace('.0.', '.1.')],
  ])('AUTH-2 a refresh token that is %s is UNAUTHENTICATED and harms nobody', async (_, make) => {
    const { session } = await server.user();
    expect(await failRefresh(make(session))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await isAlive(session)).toBe(true);
    await refresh(session.refreshToken);
  });

  it('AUTH-2 of a session before the last login of its device is DEVICE_REVOKED', async () => {
    const { session } = await server.user();
    const { username } = session.user;
    const { body: later } = await callRoute(server.url, 'login', {
      body: { username, password: PASSWORD, device: { id: session.device.id } },
    });
    expect(await failRefresh(session.refreshToken)).toMatchObject({ code: 'DEVICE_REVOKED' });
    expect(await isAlive(later)).toBe(true);
  });
});

it('AUTH-2 a forged refresh token says nothing of the sessions of a device', async () => {
  const { session } = await server.user();
  for (const generation of [0, 1, 2, 999_999_999]) {
    const forged = `${session.device.id}.${generation}.0.${'A'.repeat(43)}`;
    expect(await failRefresh(forged)).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});

describe('revocation', () => {
  it('AUTH-3 of two logouts at once, neither fails', async () => {
    const user = await server.user();
    const answers = await Promise.all(
      [1, 2].map(() => sendRequest(server.url, 'logout', { token: user.token })),
    );
    for (const { status } of answers) expect([204, 401]).toContain(status);
    expect(await user.fail('getOwnUser')).toMatchObject({ code: 'DEVICE_REVOKED' });
  });

  it('AUTH-3 of two who change the password at once with the old one, one does', async () => {
    const user = await server.user();
    const tablet = await user.otherDevice();
    const change = (device: TestUser, newPassword: string) =>
      sendRequest(server.url, 'changePassword', {
        token: device.token,
        body: { currentPassword: PASSWORD, newPassword },
      });
    const answers = await Promise.all([
      change(user, 'the first of two'),
      change(tablet, 'the second of two'),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 401]);
  });

  it('AUTH-3 logout ends the session: token, refresh token and sockets', async () => {
    const user = await server.user();
    const tablet = await user.otherDevice();
    const [socket, atTablet] = await Promise.all([user.connect(), tablet.connect()]);
    expect((await user.call('logout')).status).toBe(204);
    await socket.until(() => socket.raw.disconnected, 'the cut');
    expect(socket.of('sessionEnded')).toMatchObject([{ code: 'DEVICE_REVOKED' }]);
    expect(await user.fail('getOwnUser')).toMatchObject({ code: 'DEVICE_REVOKED' });
    expect(await failRefresh(user.session.refreshToken)).toMatchObject({ code: 'DEVICE_REVOKED' });
    expect(await atTablet.next('deviceRevoked')).toMatchObject({
      deviceId: user.session.device.id,
    });
    expect(atTablet.raw.connected).toBe(true);
    tablet.disconnect();
  });

  it('AUTH-3 all 100 sockets of a revoked device are cut within a second of the answer', async () => {
    const user = await server.user();
    const phone = await user.otherDevice();
    const chat = await user.group();
    const sockets = await Promise.all(Array.from({ length: 100 }, () => phone.connect()));
    const atUser = await user.connect();
    await user.call('revokeDevice', { params: { id: phone.session.device.id } });
    const answeredAt = performance.now();
    const after = await atUser.send(chat.id, 'after the revocation');
    await Promise.all(
      sockets.map((socket) => socket.until(() => socket.raw.disconnected, 'the cut')),
    );
    // The rule is a bound on how long a revoked device still hears, so it is measured here.
    expect(performance.now() - answeredAt).toBeLessThan(1000);
    for (const socket of sockets) {
      expect(socket.of('newMessage').filter(({ id }) => id === after.id)).toEqual([]);
    }
    user.disconnect();
  });

  it('AUTH-3 a revocation that the bus lost is found by the tail', async () => {
    const user = await server.user();
    const phone = await user.otherDevice();
    const socket = await phone.connect();
    const bus = server.natter.application.get(Bus, { strict: false });
    const publish = bus.publish.bind(bus);
    bus.publish = () => undefined;
    await user.call('revokeDevice', { params: { id: phone.session.device.id } });
    bus.publish = publish;
    await socket.until(() => socket.raw.disconnected, 'the cut');
    expect(socket.of('sessionEnded')).toHaveLength(1);
  });

  it('AUTH-3 who is revoked while connecting is not left with a socket', async () => {
    const user = await server.user();
    for (let round = 0; round < 10; round += 1) {
      const phone = await user.otherDevice();
      const connecting = Array.from({ length: 5 }, () =>
        TestSocket.connect(server.url, { token: phone.token }).catch(() => undefined),
      );
      const [sockets] = await Promise.all([
        Promise.all(connecting),
        user.call('revokeDevice', { params: { id: phone.session.device.id } }),
      ]);
      for (const socket of sockets) await socket?.until(() => socket.raw.disconnected, 'the cut');
    }
  });

  it('AUTH-3 another password ends every other session, and only with the current one', async () => {
    const user = await server.user();
    const tablet = await user.otherDevice();
    const atTablet = await tablet.connect();
    const newPassword = 'another horse battery';
    const wrong = await user.fail('changePassword', {
      body: { currentPassword: 'wrong one', newPassword },
    });
    expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED' });
    await user.call('changePassword', { body: { currentPassword: PASSWORD, newPassword } });
    await atTablet.until(() => atTablet.raw.disconnected, 'the cut');
    expect(await tablet.fail('getOwnUser')).toMatchObject({ code: 'DEVICE_REVOKED' });
    await user.call('getOwnUser');
    const { username } = user.session.user;
    expect(
      await failRoute(server.url, 'login', { body: { username, password: PASSWORD } }),
    ).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await callRoute(server.url, 'login', { body: { username, password: newPassword } });
  });

  it('AUTH-3 logins with the old password while it is being changed leave no session behind', async () => {
    const user = await server.user();
    const { username } = user.session.user;
    const logins = Array.from({ length: 12 }, () =>
      sendRequest(server.url, 'login', { body: { username, password: PASSWORD } }),
    );
    await user.call('changePassword', {
      body: { currentPassword: PASSWORD, newPassword: 'another horse battery' },
    });
    for (const { status, body } of await Promise.all(logins)) {
      expect([200, 401]).toContain(status);
      if (status === 200) expect(await isAlive(body as Session)).toBe(false);
    }
    expect((await user.call('listDevices')).body.items).toHaveLength(1);
  });
});

describe('devices', () => {
  it('DEV-1 are listed, the current one marked, renamed and revoked', async () => {
    const user = await server.user();
    const tablet = await user.otherDevice();
    const { body } = await user.call('listDevices');
    expect(body.items.map(({ id, current }) => [id, current])).toEqual([
      [user.session.device.id, true],
      [tablet.session.device.id, false],
    ]);
    const params = { id: tablet.session.device.id };
    const renamed = await user.call('renameDevice', { params, body: { name: ' Tablet ' } });
    expect(renamed.body).toMatchObject({ id: params.id, name: 'Tablet', current: false });
    await user.call('revokeDevice', { params });
    expect((await user.call('listDevices')).body.items).toHaveLength(1);
    expect(await user.fail('revokeDevice', { params })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it("DEV-1 another user's device is NOT_FOUND, as one that does not exist", async () => {
    const [user, other] = await Promise.all([server.user(), server.user()]);
    for (const [route, body] of [
      ['renameDevice', { name: 'Mine' }],
      ['revokeDevice', undefined],
    ] as const) {
      const answers = await Promise.all(
        [other.session.device.id, randomUUID()].map((id) =>
          user.fail(route, { params: { id }, body }),
        ),
      );
      const [foreign, missing] = answers.map(({ requestId: _, ...answer }) => answer);
      expect(foreign).toMatchObject({ code: 'NOT_FOUND' });
      expect(foreign).toEqual(missing);
    }
    await other.call('getOwnUser');
  });

  it('DEV-1 a login tells the other devices, and cuts the sockets of its own session before', async () => {
    const user = await server.user();
    const id = randomUUID();
    const { username } = user.session.user;
    const login = async () => {
      const { body } = await callRoute(server.url, 'login', {
        body: { username, password: PASSWORD, device: { id, name: 'Phone' } },
      });
      return new TestUser(server.url, body);
    };
    const atUser = await user.connect();
    const before = await login();
    expect(await atUser.next('deviceAdded')).toMatchObject({
      userSeq: 1,
      device: { id, name: 'Phone' },
    });
    const atBefore = await before.connect();
    const after = await login();
    await atBefore.until(() => atBefore.raw.disconnected, 'the cut');
    const atAfter = await after.connect();
    expect(atAfter.raw.connected).toBe(true);
    user.disconnect();
    after.disconnect();
  });

  it("DEV-1 a login with another user's device is FORBIDDEN, and changes nothing of it", async () => {
    const [user, other] = await Promise.all([server.user(), server.user()]);
    const device = { id: other.session.device.id, name: 'Mine now' };
    const body = { username: user.session.user.username, password: PASSWORD, device };
    expect(await failRoute(server.url, 'login', { body })).toMatchObject({ code: 'FORBIDDEN' });
    const { items } = (await other.call('listDevices')).body;
    expect(items).toMatchObject([{ id: device.id, name: other.session.device.name }]);
    expect((await user.call('listDevices')).body.items).toHaveLength(1);
  });

  it('DEV-1 the 26th login revokes the device unused longest', async () => {
    const user = await server.user(freshName());
    const devices = [];
    for (let index = 0; index < 24; index += 1) devices.push(await user.otherDevice());
    await user.call('getOwnUser');
    const [oldest] = devices;
    const { queryDatabase } = await import('@natter/testing');
    await queryDatabase(
      server.databaseUrl,
      `update devices set last_seen_at = now() - interval '1 day' where id = $1`,
      [oldest?.session.device.id],
    );
    await user.otherDevice();
    expect((await user.call('listDevices')).body.items).toHaveLength(25);
    expect(await oldest?.fail('getOwnUser')).toMatchObject({ code: 'DEVICE_REVOKED' });
  });

  it('DEV-1 the 26th login revokes none that was used since its login, although that was a moment ago', async () => {
    const user = await server.user();
    const devices = [];
    for (let index = 0; index < 24; index += 1) devices.push(await user.otherDevice());
    const [second, third] = devices;
    await user.call('getOwnUser');
    const socket = await second?.connect();
    await user.otherDevice();
    expect((await user.call('listDevices')).body.items).toHaveLength(25);
    expect((await second?.call('getOwnUser'))?.body).toMatchObject({ id: user.id });
    expect(await third?.fail('getOwnUser')).toMatchObject({ code: 'DEVICE_REVOKED' });
    expect(socket?.raw.connected).toBe(true);
    second?.disconnect();
  });

  it('DEV-1 a device was last in use when its last socket was closed', async () => {
    const user = await server.user();
    const other = await user.otherDevice();
    const { id } = other.session.device;
    const lastSeenAt = async () => {
      const { items } = (await user.call('listDevices')).body;
      return Date.parse(items.find((device) => device.id === id)?.lastSeenAt ?? '');
    };
    const sockets = [await other.connect(), await other.connect()];
    const connected = await lastSeenAt();
    sockets[0]?.raw.disconnect();
    sockets[1]?.raw.disconnect();
    await expect.poll(lastSeenAt, { timeout: 5000 }).toBeGreaterThan(connected);
  });

  it('DEV-1 the use of a device is noted while somebody else holds another one', async () => {
    const [held, free] = [await server.user(), await server.user()];
    const lastSeenAt = async () => {
      const { items } = (await free.call('listDevices')).body;
      return Date.parse(items[0]?.lastSeenAt ?? '');
    };
    for (const user of [held, free]) await user.connect();
    // The first use is noted beside its request, and clocks differ by milliseconds: what is awaited is a second later.
    const first = await lastSeenAt();
    await vi.waitUntil(() => Date.now() > first + 1000, { timeout: 5000 });
    const holder = new pg.Client({ connectionString: server.databaseUrl });
    await holder.connect();
    try {
      await holder.query('begin');
      await holder.query('select from devices where id = $1 for update', [held.session.device.id]);
      for (const user of [held, free]) user.disconnect();
      await expect.poll(lastSeenAt, { timeout: 10_000 }).toBeGreaterThan(first + 500);
    } finally {
      await holder.end();
    }
  });

  it('SYNC-1 device events come by sync as they came live, also of a device that is revoked by now', async () => {
    const user = await server.user();
    const socket = await user.connect();
    const cursor = await socket.cursor();
    const [tablet, phone] = [await user.otherDevice(), await user.otherDevice()];
    await user.call('revokeDevice', { params: { id: phone.session.device.id } });
    const { entries } = await socket.command('sync', { cursor });
    expect(entries).toMatchObject([
      { event: 'deviceAdded', payload: { userSeq: 1, device: { id: tablet.session.device.id } } },
      { event: 'deviceAdded', payload: { userSeq: 2, device: { id: phone.session.device.id } } },
      { event: 'deviceRevoked', payload: { userSeq: 3, deviceId: phone.session.device.id } },
    ]);
    user.disconnect();
  });
});
