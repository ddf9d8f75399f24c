import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { startTestServer, TestSocket, type TestServer, type TestUser } from '@natter/testing';
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
    const exposed = answer.headers.get('access-control-expose-headers')?.split(', ');
    expect(exposed).toContain('retry-after');
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
