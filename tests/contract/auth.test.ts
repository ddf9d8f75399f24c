import { createHmac, randomUUID } from 'node:crypto';
import {
  costInEarnest,
  callRoute,
  failRoute,
  freshName,
  PASSWORD,
  sendRequest,
  startTestServer,
  TestSocket,
  type TestServer,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ passwordCost: costInEarnest });
});
afterAll(() => server.stop());

function register(body: object) {
  return callRoute(server.url, 'register', { body });
}

function failRegister(body: object) {
  return failRoute(server.url, 'register', { body });
}

function login(body: object) {
  return callRoute(server.url, 'login', { body });
}

describe('accounts', () => {
  it('AUTH-4 registers a username as typed, with it as the display name unless one is given', async () => {
    const username = freshName('Anna.K_');
    const { status, body } = await register({ username, password: PASSWORD });
    expect(status).toBe(201);
    expect(body.user).toMatchObject({ username, displayName: username, role: 'user' });
    const named = await register({
      username: freshName(),
      password: PASSWORD,
      displayName: '  Ann 👋  ',
    });
    expect(named.body.user.displayName).toBe('Ann 👋');
  });

  it('AUTH-4 a username is unique without regard to case, also in 50 registrations at once', async () => {
    const username = freshName('race');
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        register({
          username: index % 2 === 0 ? username : username.toUpperCase(),
          password: PASSWORD,
        }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await failRegister({ username, password: PASSWORD })).toMatchObject({
      code: 'CONFLICT',
      status: 409,
    });
  });

  it.each([
    ['a username of 2 characters', { username: 'ab' }],
    ['a username of 33 characters', { username: 'a'.repeat(33) }],
    ['a username that begins with a dot', { username: '.anna' }],
    ['a username with a space', { username: 'anna k' }],
    ['a username with a Cyrillic letter', { username: 'аnna' }],
    ['a username with NUL', { username: 'anna\0' }],
    ['a username that is an object', { username: { $ne: null } }],
    ['a password of 7 bytes', { password: '1234567' }],
    ['a password of 1,025 bytes', { password: 'a'.repeat(1025) }],
    ['no password', { password: undefined }],
    ['a display name with a bidi override', { displayName: 'anna\u202eknab' }],
    ['a display name with a control', { displayName: 'an\u0007na' }],
    ['a blank display name', { displayName: ' \u200b ' }],
    ['a display name of 65 characters', { displayName: 'a'.repeat(65) }],
    ['a device id that is no UUID', { device: { id: 'phone' } }],
    ['a list', []],
  ])('AUTH-4 refuses %s as INVALID', async (_, part) => {
    const body = Array.isArray(part)
      ? part
      : { username: freshName(), password: PASSWORD, ...part };
    expect(await failRegister(body)).toMatchObject({ code: 'INVALID', status: 400 });
  });

  it('AUTH-1 an unknown username and a wrong password get the same answer', async () => {
    const username = freshName();
    await register({ username, password: PASSWORD });
    const problems = await Promise.all(
      [
        { username, password: 'wrong password' },
        { username: freshName('nobody'), password: PASSWORD },
        { username: 'no such name!', password: PASSWORD },
      ].map((body) => failRoute(server.url, 'login', { body })),
    );
    const [wrong, ...others] = problems.map(({ requestId: _, ...problem }) => problem);
    expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    for (const other of others) expect(other).toEqual(wrong);
  });

  it('AUTH-1 a password is stored as argon2id', async () => {
    const username = freshName();
    await register({ username, password: PASSWORD });
    const { queryDatabase } = await import('@natter/testing');
    const rows = await queryDatabase(
      server.databaseUrl,
      'select password_hash from users where username = $1',
      [username],
    );
    expect(rows).toEqual([
      { password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=7168,t=5,p=1\$/) },
    ]);
  });

  it('AUTH-1 a login is the same user on a new device, whatever the case of the name', async () => {
    const username = freshName('Mixed');
    const { body: first } = await register({
      username,
      password: PASSWORD,
      device: { name: 'Phone' },
    });
    const { body: second } = await login({ username: username.toUpperCase(), password: PASSWORD });
    expect(second.user.id).toBe(first.user.id);
    expect(second.device.id).not.toBe(first.device.id);
    expect(first.device).toMatchObject({ name: 'Phone', current: true });
    const { body } = await callRoute(server.url, 'getOwnUser', { token: second.accessToken });
    expect(body).toEqual(second.user);
  });
});

describe('limits', () => {
  it('AUTH-4 ten wrong passwords limit the account, and only it; the answer says how long', async () => {
    const [victim, other] = [freshName(), freshName()];
    await Promise.all(
      [victim, other].map((username) => register({ username, password: PASSWORD })),
    );
    const guess = (username: string, password: string) =>
      sendRequest(server.url, 'login', { body: { username, password } });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await guess(victim.toUpperCase(), `wrong ${attempt}`)).status).toBe(401);
    }
    const limited = await guess(victim, 'wrong again');
    expect(limited.body).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    const { retryAfterMs } = limited.body as { retryAfterMs: number };
    expect(limited.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
    expect((await guess(other, PASSWORD)).status).toBe(200);
  });

  it('AUTH-4 the owner on a known device passes while his account is limited, also by its public id elsewhere', async () => {
    const proxied = await startTestServer({
      passwordCost: costInEarnest,
      trustedProxies: ['127.0.0.1'],
    });
    const username = freshName();
    const id = randomUUID();
    await callRoute(proxied.url, 'register', {
      body: { username, password: PASSWORD, device: { id } },
    });
    const loginFrom = async (address: string, body: object) => {
      const response = await fetch(`${proxied.url}/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ username, ...body }),
      });
      return response.status;
    };
    // Chat partners see the device's id in every message, and may guess under it or under it as a name.
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await loginFrom('203.0.113.7', { password: 'wrong', device: { id } });
      await loginFrom('203.0.113.7', { username: id, password: 'wrong' });
    }
    expect(await loginFrom('203.0.113.7', { password: PASSWORD, device: { id } })).toBe(429);
    expect(await loginFrom('198.51.100.1', { password: PASSWORD })).toBe(429);
    expect(await loginFrom('198.51.100.1', { password: PASSWORD, device: { id } })).toBe(200);
    await proxied.stop();
  });

  it('AUTH-4 a burst of guesses at once is limited as one after the other is', async () => {
    const username = freshName();
    await register({ username, password: PASSWORD });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        sendRequest(server.url, 'login', { body: { username, password: `wrong ${index}` } }),
      ),
    );
    const judged = answers.filter(({ status }) => status === 401).length;
    expect(judged).toBeGreaterThanOrEqual(10);
    expect(judged).toBeLessThan(15);
  });

  it('AUTH-4 a forged X-Forwarded-For is not believed, that of a trusted proxy is', async () => {
    const trusting = await startTestServer({
      passwordCost: costInEarnest,
      trustedProxies: ['127.0.0.1'],
    });
    const doubting = await startTestServer({ passwordCost: costInEarnest });
    const guessAs = async ({ url }: TestServer, address: string) => {
      const response = await fetch(`${url}/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ username: freshName('nobody'), password: PASSWORD }),
      });
      return response.status;
    };
    for (const one of [trusting, doubting]) {
      await Promise.all(Array.from({ length: 100 }, () => guessAs(one, '203.0.113.7')));
    }
    expect(await guessAs(trusting, '203.0.113.7')).toBe(429);
    expect(await guessAs(trusting, '203.0.113.8')).toBe(401);
    expect(await guessAs(doubting, '203.0.113.8')).toBe(429);
    await Promise.all([trusting.stop(), doubting.stop()]);
  });

  it('AUTH-4 who knows his password is never limited by using it', async () => {
    const username = freshName();
    await register({ username, password: PASSWORD });
    const answers = await Promise.all(
      Array.from({ length: 15 }, () =>
        sendRequest(server.url, 'login', { body: { username, password: PASSWORD } }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('AUTH-4 a hundred failures limit an address, and rate limits can be switched off', async () => {
    const [limited, unlimited] = await Promise.all([
      startTestServer({ passwordCost: costInEarnest }),
      startTestServer({ passwordCost: costInEarnest, rateLimits: false }),
    ]);
    const guessAt = async ({ url }: TestServer) => {
      const statuses = [];
      for (let batch = 0; batch < 11; batch += 1) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            sendRequest(url, 'login', {
              body: { username: `nobody-${batch}-${index}`, password: PASSWORD },
            }),
          ),
        );
        statuses.push(...answers.map(({ status }) => status));
      }
      return new Set(statuses.slice(100));
    };
    expect(await guessAt(limited)).toEqual(new Set([429]));
    expect(await guessAt(unlimited)).toEqual(new Set([401]));
    await Promise.all([limited.stop(), unlimited.stop()]);
  });
});

describe('devices', () => {
  it('DEV-1 a login with an own device id replaces its session: the old token is DEVICE_REVOKED', async () => {
    const username = freshName();
    const id = randomUUID();
    const { body: first } = await register({
      username,
      password: PASSWORD,
      device: { id, name: 'Phone' },
    });
    const { body: second } = await login({
      username,
      password: PASSWORD,
      device: { id: id.toUpperCase() },
    });
    expect(second.device).toMatchObject({ id, name: 'Phone' });
    expect(await failRoute(server.url, 'getOwnUser', { token: first.accessToken })).toMatchObject({
      code: 'DEVICE_REVOKED',
      status: 401,
    });
    await expect(
      TestSocket.connect(server.url, { token: first.accessToken }),
    ).rejects.toMatchObject({
      data: { code: 'DEVICE_REVOKED' },
    });
    const socket = await TestSocket.connect(server.url, { token: second.accessToken });
    socket.close();
  });

  it("DEV-1 another user's device id is FORBIDDEN, and registers nobody", async () => {
    const { body: owner } = await register({ username: freshName(), password: PASSWORD });
    const username = freshName();
    const device = { id: owner.device.id };
    expect(await failRegister({ username, password: PASSWORD, device })).toMatchObject({
      code: 'FORBIDDEN',
    });
    await register({ username, password: PASSWORD });
  });
});

function forge(
  header: object,
  payload: object,
  secret = 'a secret that only tests use, long enough',
): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function forgeRaw(payload: string | Buffer): string {
  const header = Buffer.from('{"alg":"HS256","typ":"at+jwt"}').toString('base64url');
  const signed = `${header}.${Buffer.from(payload).toString('base64url')}`;
  const secret = 'a secret that only tests use, long enough';
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

describe('tokens', () => {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'HS256', typ: 'at+jwt' };
  const claims = {
    sub: randomUUID(),
    did: randomUUID(),
    gen: 1,
    rot: 0,
    iss: 'natter',
    aud: 'natter:access',
    iat: now,
    exp: now + 600,
  };

  it.each<[string, string]>([
    ['none', ''],
    ['nonsense', 'nonsense'],
    ['of two segments', 'a.b'],
    ['of five segments', 'a.b.c.d.e'],
    ['of 64 KB', 'a'.repeat(65_536)],
    [
      'with alg none',
      `${forge({ ...header, alg: 'none' }, claims)
        .split('.')
        .slice(0, 2)
        .join('.')}.`,
    ],
    ['with alg nOnE', forge({ ...header, alg: 'nOnE' }, claims)],
    [
      'with a jwk of its own',
      forge({ ...header, jwk: { kty: 'oct', k: 'AAAA' } }, claims, 'another secret'),
    ],
    ['with a kid that is a path', forge({ ...header, kid: '../../dev/null' }, claims, '')],
    ['without an alg', forge({ typ: 'at+jwt' }, claims)],
    ['that claims to be RS256 and is signed as HS256', forge({ ...header, alg: 'RS256' }, claims)],
    ['that claims to be HS512', forge({ ...header, alg: 'HS512' }, claims)],
    ['with a jku', forge({ ...header, jku: 'http://127.0.0.1:1/keys' }, claims, 'another secret')],
    ['with an x5u', forge({ ...header, x5u: 'http://127.0.0.1:1/cert' }, claims, 'another secret')],
    ['with a kid that is SQL', forge({ ...header, kid: "' union select 'x" }, claims, 'x')],
    ['with a crit that nobody knows', forge({ ...header, crit: ['exp'] }, claims)],
    [
      'with an exp beyond all numbers',
      forgeRaw(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e400')),
    ],
    ['that is not UTF-8', forgeRaw(Buffer.from([0xff, 0xfe, 0x7b]))],
    ['of which the claims are a list', forgeRaw('[]')],
    ['signed with another secret', forge(header, claims, 'another secret that is long enough too')],
    ['of another type', forge({ ...header, typ: 'JWT' }, claims)],
    ['of another issuer', forge(header, { ...claims, iss: 'somebody' })],
    ['for another audience', forge(header, { ...claims, aud: 'natter:media' })],
    ['that has expired', forge(header, { ...claims, iat: now - 1000, exp: now - 100 })],
    ['that is not valid yet', forge(header, { ...claims, nbf: now + 600 })],
    ['made in the future', forge(header, { ...claims, iat: now + 600, exp: now + 1200 })],
    ['with an exp that is a string', forge(header, { ...claims, exp: String(now + 600) })],
    ['without an exp', forge(header, { ...claims, exp: undefined })],
    ['without a device', forge(header, { ...claims, did: undefined })],
  ])('AUTH-2 a token %s is UNAUTHENTICATED by both doors', async (_, token) => {
    if (token.length < 16_000) {
      expect(await failRoute(server.url, 'getOwnUser', { token })).toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    }
    await expect(TestSocket.connect(server.url, { token })).rejects.toMatchObject({
      data: { code: 'UNAUTHENTICATED', message: expect.any(String) },
    });
  });

  it('AUTH-2 a well-signed token of a device that does not exist is DEVICE_REVOKED', async () => {
    const problem = await failRoute(server.url, 'getOwnUser', { token: forge(header, claims) });
    expect(problem.code).toBe('DEVICE_REVOKED');
  });

  it('AUTH-2 a refresh token is no access token', async () => {
    const user = await server.user();
    const token = user.session.refreshToken;
    expect(await failRoute(server.url, 'getOwnUser', { token })).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('AUTH-2 a token in the query string is not looked at', async () => {
    const user = await server.user();
    const response = await fetch(
      `${server.url}/v1/users/me?token=${user.token}&access_token=${user.token}`,
    );
    expect(response.status).toBe(401);
    await expect(
      TestSocket.connect(server.url, {}, { query: { token: user.token } }),
    ).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
  });
});
