import { randomUUID } from 'node:crypto';
import {
  costInEarnest,
  callRoute,
  freshName,
  PASSWORD,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ passwordCost: costInEarnest });
});
afterAll(() => server.stop());

function loginStatus(
  { url }: TestServer,
  body: object,
  forwardedFor = '203.0.113.7',
): Promise<number> {
  return fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
    body: JSON.stringify(body),
  }).then(({ status }) => status);
}

function countOf(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('guessing', () => {
  it('T12 one account from a hundred addresses is limited as from one, and its owner on his device is not', async () => {
    const proxied = await startTestServer({
      passwordCost: costInEarnest,
      trustedProxies: ['127.0.0.1'],
    });
    const [victim, other] = [freshName(), freshName()];
    const device = { id: randomUUID() };
    for (const body of [
      { username: victim, password: PASSWORD, device },
      { username: other, password: PASSWORD },
    ]) {
      await callRoute(proxied.url, 'register', { body });
    }
    const statuses = [];
    for (let address = 1; address <= 100; address += 1) {
      const guess = { username: victim, password: `wrong ${address}` };
      statuses.push(await loginStatus(proxied, guess, `198.51.100.${address}`));
    }
    expect(countOf(statuses)).toEqual({ 401: 10, 429: 90 });
    const right = { username: victim, password: PASSWORD };
    expect(await loginStatus(proxied, right, '192.0.2.1')).toBe(429);
    expect(await loginStatus(proxied, { ...right, device }, '192.0.2.1')).toBe(200);
    expect(await loginStatus(proxied, { ...right, username: other }, '198.51.100.1')).toBe(200);
    await proxied.stop();
  });

  it('T12 what a client writes into X-Forwarded-For before the proxy does is not believed, nor without a proxy', async () => {
    const proxied = await startTestServer({
      passwordCost: costInEarnest,
      trustedProxies: ['127.0.0.1'],
    });
    const direct = await startTestServer({ passwordCost: costInEarnest });
    const nobodies = (count: number) =>
      Array.from({ length: count }, () => ({ username: freshName('nobody'), password: PASSWORD }));
    const guesses = nobodies(100).map((guess, index) => [guess, `198.51.100.${index}`] as const);
    const behind = guesses.map(([guess, forged]) =>
      loginStatus(proxied, guess, `${forged}, 203.0.113.9`),
    );
    const before = guesses.map(([guess, forged]) => loginStatus(direct, guess, forged));
    expect(countOf(await Promise.all([...behind, ...before]))).toEqual({ 401: 200 });
    const [next = {}] = nobodies(1);
    expect(await loginStatus(proxied, next, '192.0.2.77, 203.0.113.9')).toBe(429);
    expect(await loginStatus(proxied, next, '192.0.2.77')).toBe(401);
    expect(await loginStatus(direct, next, '192.0.2.77')).toBe(429);
    await Promise.all([proxied.stop(), direct.stop()]);
  });
});

describe('a flood', () => {
  it('T13 a password that is too long is refused by every route, and is no guess: it was looked at by none', async () => {
    const user = await server.user();
    const { token } = user;
    const { username } = user.session.user;
    for (const password of ['a'.repeat(1025), 'é'.repeat(600), 'a'.repeat(1_000_000)]) {
      for (const [route, request] of [
        ['register', { body: { username: freshName(), password } }],
        ['changePassword', { token, body: { currentPassword: PASSWORD, newPassword: password } }],
      ] as const) {
        const { status } = await sendRequest(server.url, route, request);
        expect([400, 413], `${route} answers ${status}`).toContain(status);
      }
    }
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const password = 'a'.repeat(1025 + attempt);
      for (const [route, request] of [
        ['login', { body: { username, password } }],
        ['changePassword', { token, body: { currentPassword: password, newPassword: PASSWORD } }],
        ['deleteAccount', { token, body: { password } }],
      ] as const) {
        expect((await sendRequest(server.url, route, request)).body).toMatchObject({
          code: 'INVALID',
        });
      }
    }
    expect(await loginStatus(server, { username, password: PASSWORD })).toBe(200);
  });

  it('T13 200 logins at once, right and wrong ones, are all answered, and so is every send meanwhile', async () => {
    const busy = await startTestServer({ passwordCost: costInEarnest });
    const users = await Promise.all(Array.from({ length: 10 }, () => busy.user()));
    const [writer, reader] = users as [TestUser, TestUser];
    const chat = await writer.group([reader]);
    const [atWriter, atReader] = await Promise.all([writer.connect(), reader.connect()]);
    let answered = 0;
    const logins = Array.from({ length: 200 }, async (_, index) => {
      const username = users[index % users.length]?.session.user.username;
      const password = index % 3 === 0 ? 'wrong password' : PASSWORD;
      const { status } = await sendRequest(busy.url, 'login', { body: { username, password } });
      answered += 1;
      return status;
    });
    const texts: string[] = [];
    while (answered < logins.length) {
      texts.push(`message ${texts.length}`);
      await atWriter.send(chat.id, `message ${texts.length - 1}`);
    }
    const counts = countOf(await Promise.all(logins));
    expect(
      Object.keys(counts).filter((status) => !['200', '401', '429', '503'].includes(status)),
    ).toEqual([]);
    expect(counts[200]).toBeGreaterThan(0);
    expect(texts.length).toBeGreaterThan(1);
    await atReader.until(() => atReader.texts(chat.id).length === texts.length, 'all messages');
    expect(atReader.texts(chat.id)).toEqual(texts);
    for (const user of users) user.disconnect();
    await busy.stop();
  });

  it('AUTH-4 registrations are limited by address, whatever becomes of them, and logins there are not', async () => {
    const small = await startTestServer({
      passwordCost: costInEarnest,
      registrationsPerHour: 5,
      trustedProxies: ['127.0.0.1'],
    });
    const registerFrom = async (address: string, username = freshName()) => {
      const response = await fetch(`${small.url}/v1/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ username, password: PASSWORD }),
      });
      return { status: response.status, body: await response.json() };
    };
    const username = freshName();
    const statuses = [];
    for (const name of [username, username, undefined, undefined, undefined])
      statuses.push((await registerFrom('2001:db8::1', name)).status);
    expect(statuses).toEqual([201, 409, 201, 201, 201]);
    const limited = await registerFrom('2001:db8::2');
    expect(limited).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    const { retryAfterMs } = limited.body as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
    expect((await registerFrom('2001:db8:0:1::1')).status).toBe(201);
    expect(await loginStatus(small, { username, password: PASSWORD }, '2001:db8::1')).toBe(200);
    await small.stop();
  });

  it('AUTH-4 without rate limits, registrations are not limited either', async () => {
    const open = await startTestServer({
      passwordCost: costInEarnest,
      registrationsPerHour: 1,
      rateLimits: false,
    });
    await Promise.all([open.user(), open.user(), open.user()]);
    await open.stop();
  });
});
