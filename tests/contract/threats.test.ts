import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import {
  PASSWORD,
  sendRequest,
  startTestServer,
  TestSocket,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;

beforeAll(async () => {
  server = await startTestServer({ production: true, corsOrigins: ['https://app.example.com'] });
  [anna, ben] = await Promise.all([server.user(), server.user()]);
});
afterAll(() => server.stop());

/** A request as no client library would send it. */
function rawRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('guards and addresses', () => {
  it.each([
    ['HEAD', '/v1/users/me'],
    ['HEAD', '/v1/chats'],
    ['GET', '/v1//users/me'],
    ['GET', '//v1/users/me'],
    ['GET', '/v1/users/%6de'],
    ['GET', '/v1/./users/me'],
    ['GET', '/v1/users/x/%2e%2e/me'],
    ['GET', '/V1/Users/Me'],
    ['GET', '/v1/users/me.'],
    ['GET', '/v1/users/me/'],
    ['GET', '/v1/users/me;x=1'],
    ['POST', '/v1/users/me'],
    ['OPTIONS', '/v1/users/me'],
  ])('T29 %s %s without a login shows nothing of a user', async (method, path) => {
    const overrides: Record<string, string>[] = [{}, { 'x-http-method-override': 'GET' }];
    for (const headers of overrides) {
      const { status, body } = await rawRequest(method, path, headers);
      expect(status).not.toBe(200);
      expect(status).toBeLessThan(500);
      expect(body).not.toContain(anna.session.user.username);
    }
  });

  it('T85 a path of a megabyte and a hundred thousand query keys are refused, and the server lives', async () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `k${index}=1`).join('&');
    for (const path of [`/v1/chats/${'a'.repeat(1_000_000)}`, `/v1/chats?${keys}`]) {
      const status = await rawRequest('GET', path).then(
        (response) => response.status,
        () => 'cut',
      );
      expect([400, 404, 414, 431, 'cut']).toContain(status);
    }
    expect((await rawRequest('GET', '/healthz')).status).toBe(200);
  });

  it('T42 two thousand headers are refused', async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`x-${index}`, 'y'.repeat(20)]),
    );
    const status = await rawRequest('GET', '/healthz', headers).then(
      (response) => response.status,
      () => 'cut',
    );
    expect([431, 'cut']).toContain(status);
  });
});

describe('origins', () => {
  it.each([
    ['https://app.example.com', true],
    ['https://app.example.com.evil.example', false],
    ['https://evil-app.example.com', false],
    ['http://app.example.com', false],
    ['http://localhost:5173', false],
    ['null', false],
  ])('T36 T37 in production a page of %s: %s', async (origin, allowed) => {
    const { headers } = await fetch(`${server.url}/healthz`, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
    for (const transports of [['websocket'], ['polling']]) {
      const connecting = TestSocket.connect(
        server.url,
        { token: anna.token },
        { transports, extraHeaders: { origin } },
      );
      if (allowed) (await connecting).close();
      else await expect(connecting).rejects.toThrow(/websocket error|xhr poll error/);
    }
  });

  it('T37 a page of the server itself may connect', async () => {
    const socket = await TestSocket.connect(
      server.url,
      { token: anna.token },
      { extraHeaders: { origin: server.url } },
    );
    socket.close();
  });
});

it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
  'T36 an allowed page may use %s, and read when to try again',
  async (method) => {
    const { headers, status } = await fetch(`${server.url}/v1/users/me`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
    const answer = await fetch(`${server.url}/healthz`, {
      headers: { origin: 'https://app.example.com' },
    });
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after');
  },
);

it('T17 one more socket than a user may have ends his oldest, which is told', async () => {
  const small = await startTestServer({ limits: { userSockets: 3 } });
  const user = await small.user();
  const oldest = await user.connect();
  const others = [await user.connect(), await user.connect(), await user.connect()];
  await oldest.until(() => oldest.raw.disconnected, 'the cut');
  expect(oldest.of('sessionEnded')).toMatchObject([{ code: 'RATE_LIMITED' }]);
  expect(others.map(({ raw }) => raw.connected)).toEqual([true, true, true]);
  user.disconnect();
  await small.stop();
});

it('T17 where one socket is all that a user may have, the newer one still hears of everything', async () => {
  const small = await startTestServer({ limits: { userSockets: 1 } });
  const user = await small.user();
  const first = await user.connect();
  const second = await user.connect();
  await first.until(() => first.raw.disconnected, 'the cut');
  const chat = await user.group();
  expect((await second.next('chatAdded')).chat.id).toBe(chat.id);
  user.disconnect();
  await small.stop();
});

describe('the transport', () => {
  it.each([
    '/socket.io/?EIO=3&transport=polling',
    '/socket.io/?EIO=99&transport=polling',
    '/socket.io/?EIO=4&transport=nonsense',
    '/socket.io/?EIO=4&transport=polling&sid=nonsense',
    '/socket.io/?EIO=4&transport=websocket&sid=nonsense',
    '/socket.io/?transport=__proto__&EIO=4',
  ])('T39 %s is refused', async (path) => {
    expect((await rawRequest('GET', path)).status).toBe(400);
    expect((await rawRequest('PUT', path)).status).toBe(400);
  });

  it('T21 chats are named by ids alone: lists, wildcards, rooms and socket ids are INVALID', async () => {
    const socket = await anna.connect();
    const chat = await ben.group();
    for (const chatId of [
      [chat.id],
      '*',
      `chat:${chat.id}`,
      `user:${ben.id}`,
      socket.raw.id,
      { $ne: null },
      true,
      1,
    ]) {
      expect(await socket.fail('joinChat', { chatId })).toMatchObject({ code: 'INVALID' });
      expect(await socket.fail('leaveChat', { chatId })).toMatchObject({ code: 'INVALID' });
    }
    expect(socket.received).toEqual([]);
    anna.disconnect();
  });

  it('T57 binary where text is due is INVALID', async () => {
    const chat = await anna.direct(ben);
    const socket = await anna.connect();
    const binary = Buffer.from('hello');
    for (const payload of [
      { chatId: chat.id, clientMessageId: randomUUID(), text: binary },
      { chatId: binary, clientMessageId: randomUUID(), text: 'x' },
      binary,
    ]) {
      expect(await socket.fail('sendMessage', payload)).toMatchObject({ code: 'INVALID' });
    }
    anna.disconnect();
  });
});

describe('input', () => {
  it('T27 what only the server decides is ignored wherever it is sent', async () => {
    const forged = {
      id: randomUUID(),
      role: 'owner',
      createdBy: ben.id,
      createdAt: '2000-01-01T00:00:00.000Z',
      lastSeq: 99,
      memberCount: 99,
      me: { role: 'owner' },
    };
    const { body: chat } = await anna.call('createChat', {
      body: { type: 'group', title: 'Mine', memberIds: [ben.id], ...forged },
    });
    expect(chat).toMatchObject({ createdBy: anna.id, lastSeq: 1, memberCount: 2 });
    expect(chat.id).not.toBe(forged.id);
    await anna.call('updateChat', {
      params: { id: chat.id },
      body: { title: 'Still mine', ...forged },
    });
    const { body: own } = await ben.call('getChat', { params: { id: chat.id } });
    expect(own).toMatchObject({
      id: chat.id,
      createdBy: anna.id,
      memberCount: 2,
      me: { role: 'member' },
    });
    const { body: user } = await anna.call('updateProfile', {
      body: {
        displayName: 'Anna',
        id: ben.id,
        username: 'root',
        role: 'admin',
        createdAt: forged.createdAt,
      },
    });
    expect(user).toMatchObject({ id: anna.id, username: anna.session.user.username, role: 'user' });
  });

  it.each([
    `'; drop table messages; --`,
    `" or 1=1 --`,
    `\\'; select pg_sleep(10); --`,
    `$1`,
    `%s; {{7*7}} \${7*7}`,
    `<script>alert(1)</script>`,
    `javascript:alert(1)`,
    `=cmd|' /C calc'!A0`,
  ])('T53 T61 %s is text wherever text may be', async (hostile) => {
    const chat = await anna.group([ben], { title: hostile });
    expect(chat.title).toBe(hostile);
    const { body } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: { kind: 'text', text: hostile, clientMessageId: randomUUID() },
    });
    expect(body.message.text).toBe(hostile);
    for (const [route, query] of [
      ['listChats', { query: hostile }],
      ['listUsers', { query: hostile }],
    ] as const) {
      const { status, headers } = await anna.call(route, { query });
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    for (const [route, query] of [
      ['listChats', { cursor: hostile }],
      ['listChats', { filter: hostile }],
      ['getHistory', { before: hostile }],
      ['getLog', { after: hostile }],
    ] as const) {
      expect(await anna.fail(route, { params: { id: chat.id }, query })).toMatchObject({
        code: 'INVALID',
      });
    }
  });

  it.each([
    ['a list as limit', 'limit=1&limit=2'],
    ['1e400', 'limit=1e400'],
    ['2^63', 'before=9223372036854775808'],
    ['an object', 'limit[a]=1'],
    ['a prototype', '__proto__[limit]=1&limit=x'],
    ['a sign', 'limit=%2B5'],
    ['hexadecimal', 'after=0x10'],
    ['nothing', 'limit='],
  ])('T50 T55 %s in a query is INVALID', async (_, query) => {
    const chat = await anna.group();
    const response = await fetch(`${server.url}/v1/chats/${chat.id}/messages?${query}`, {
      headers: { authorization: `Bearer ${anna.token}` },
    });
    expect(response.status).toBe(query.startsWith('limit[a]') ? 200 : 400);
  });

  it.each([-1, 0, 1.5, 2 ** 53, 1e300, '5', [5], true])(
    'T50 a limit of %s by socket is INVALID',
    async (limit) => {
      const socket = await anna.connect();
      expect(await socket.fail('sync', { limit })).toMatchObject({ code: 'INVALID' });
      anna.disconnect();
    },
  );

  it.each(['application/json ;x', 'application/json;charset=utf-8', 'APPLICATION/JSON'])(
    'T30 a body as %s is validated as any other',
    async (contentType) => {
      const response = await fetch(`${server.url}/v1/auth/register`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: JSON.stringify({ username: { $ne: null }, password: PASSWORD }),
      });
      expect(await response.json()).toMatchObject({ code: 'INVALID' });
    },
  );

  it('T56 deep and wide JSON over HTTP is answered, and the server lives', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`key${index}`, index])),
    );
    for (const body of [deep, `{"username":${deep}}`, wide]) {
      const response = await fetch(`${server.url}/v1/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(await response.json()).toMatchObject({ code: 'INVALID' });
    }
  });

  it('T20 what is of one chat cannot be used in another', async () => {
    const [one, two] = await Promise.all([anna.group([ben]), anna.group([ben])]);
    const { body } = await anna.call('listMembers', {
      params: { id: one.id },
      query: { limit: 1 },
    });
    const foreign = { params: { id: two.id }, query: { cursor: body.nextCursor ?? '' } };
    expect(await anna.fail('listMembers', foreign)).toMatchObject({ code: 'INVALID' });
    const outsider = await server.user();
    const other = await anna.group([outsider]);
    const params = { id: one.id, userId: outsider.id };
    expect(await anna.fail('removeMember', { params })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await anna.fail('changeRole', { params, body: { role: 'admin' } })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(other.memberCount).toBe(2);
  });

  it('T41 a polling body over the limit is refused, and harms nobody else', async () => {
    const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
    const { sid } = JSON.parse((await response.text()).slice(1)) as { sid: string };
    const posting = fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
      method: 'POST',
      body: `4${'a'.repeat(300_000)}`,
    }).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(await posting);
    expect((await rawRequest('GET', '/healthz')).status).toBe(200);
  });

  it('T60 a client id of a megabyte is refused', async () => {
    const chat = await anna.group();
    const { status } = await sendRequest(server.url, 'sendMessage', {
      params: { id: chat.id },
      token: anna.token,
      body: { kind: 'text', text: 'x', clientMessageId: 'a'.repeat(1_000_000) },
    });
    expect(status).toBe(413);
  });

  it('T13 a password of a megabyte is refused before it is hashed', async () => {
    const { status } = await sendRequest(server.url, 'login', {
      body: { username: anna.session.user.username, password: 'a'.repeat(1_000_000) },
    });
    expect(status).toBe(413);
    const long = await sendRequest(server.url, 'login', {
      body: { username: anna.session.user.username, password: 'a'.repeat(2000) },
    });
    expect(long.body).toMatchObject({ code: 'INVALID' });
  });

  it('T47 NUL is INVALID in every text that is stored or searched for', async () => {
    const chat = await anna.group();
    const params = { id: chat.id };
    for (const attempt of [
      anna.fail('createChat', { body: { type: 'group', title: 'a\0', memberIds: [] } }),
      anna.fail('updateChat', { params, body: { description: 'a\0' } }),
      anna.fail('updateProfile', { body: { displayName: 'a\0' } }),
      anna.fail('updateProfile', { body: { about: 'a\0' } }),
      anna.fail('renameDevice', { params: { id: anna.session.device.id }, body: { name: 'a\0' } }),
      anna.fail('listUsers', { query: { query: 'a\0' } }),
      anna.fail('listChats', { query: { query: 'a\0' } }),
      anna.fail('changePassword', {
        body: { currentPassword: 'a\0', newPassword: `${PASSWORD}\0` },
      }),
    ]) {
      expect(await attempt).toMatchObject({ code: 'INVALID', status: 400 });
    }
  });
});

it('T86 no dependency is below the version that mended its known holes', async () => {
  const floors: Record<string, string> = {
    'node_modules/socket.io-parser': '4.2.6',
    'node_modules/engine.io': '6.6.2',
    'node_modules/ws': '8.17.1',
    'node_modules/@nestjs/core': '12.0.2',
    'node_modules/@nestjs/platform-fastify': '12.0.2',
    'node_modules/fastify': '5.7.2',
  };
  const lock = JSON.parse(
    await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8'),
  ) as { packages: Record<string, { version: string }> };
  const parts = (version: string) => version.split('.').map(Number);
  for (const [name, floor] of Object.entries(floors)) {
    const [found, least] = [parts(lock.packages[name]?.version ?? '0.0.0'), parts(floor)];
    const difference =
      found.map((part, index) => part - (least[index] ?? 0)).find((part) => part !== 0) ?? 0;
    expect(difference, `${name} ${found.join('.')} is at least ${floor}`).toBeGreaterThanOrEqual(0);
  }
  expect(Object.keys(lock.packages).filter((name) => /(^|\/)multer$/.test(name))).toEqual([]);
});
