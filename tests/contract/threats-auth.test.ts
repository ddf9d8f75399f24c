import { randomUUID } from 'node:crypto';
import { type CommandName, commands } from '@natter/protocol';
import {
  callRoute,
  freshName,
  PASSWORD,
  type RouteRequest,
  sendRequest,
  startTestServer,
  testConfig,
  TestSocket,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  [anna, ben] = await Promise.all([server.user(), server.user()]);
});
afterAll(() => server.stop());

/** Packets of Socket.IO over a plain WebSocket, which sends what no client library would. */
class PacketSocket {
  readonly packets: string[] = [];
  private readonly raw: WebSocket;

  /** @param greeting Sent as soon as the transport is open, before anything is answered. */
  constructor(url: string, greeting: readonly string[]) {
    this.raw = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    this.raw.addEventListener('message', ({ data }) => this.receive(String(data), greeting));
    this.raw.addEventListener('close', () => this.packets.push('closed'));
  }

  /** The first packet, old or new, that starts so; `closed` for the end. */
  async next(start: string): Promise<string> {
    return vi.waitFor(() => {
      const found = this.packets.find((packet) => packet.startsWith(start));
      if (found === undefined) throw new Error(`waiting for ${start} after ${this.packets.join()}`);
      return found;
    }, 10_000);
  }

  async command(id: number, name: CommandName, payload: object): Promise<string> {
    this.raw.send(`42${id}${JSON.stringify([name, payload])}`);
    return this.next(`43${id}[`);
  }

  private receive(packet: string, greeting: readonly string[]): void {
    if (packet.startsWith('0')) for (const text of greeting) this.raw.send(text);
    else if (packet === '2') this.raw.send('3');
    else this.packets.push(packet);
  }
}

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

describe('a socket without a login', () => {
  it.each(Object.keys(commands) as CommandName[])('T9 cannot carry out %s', async (name) => {
    const chat = await anna.group([ben], { visibility: 'public' });
    const { body: sent } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: { kind: 'text', text: 'hello', clientMessageId: randomUUID() },
    });
    const stateOf = async () => [
      (await anna.call('getChat', { params: { id: chat.id } })).body,
      (await anna.call('getLog', { params: { id: chat.id } })).body,
    ];
    const before = await stateOf();
    const payload = {
      chatId: chat.id,
      messageId: sent.message.id,
      clientMessageId: randomUUID(),
      text: 'from nobody',
      emoji: '👍',
      scope: 'everyone',
      seq: 1,
      upToSeq: 1,
      userId: anna.id,
      senderId: anna.id,
      token: anna.token,
    };
    const command = `421${JSON.stringify([name, payload])}`;
    for (const connect of [
      [],
      ['40'],
      ['40{"token":"nonsense"}'],
      [`40${JSON.stringify({ token: anna.session.refreshToken })}`],
      [`40/other,${JSON.stringify({ token: anna.token })}`],
      [`41${JSON.stringify({ token: anna.token })}`],
    ]) {
      const socket = new PacketSocket(server.url, [...connect, command]);
      await socket.next('closed');
      expect(socket.packets.filter((packet) => packet.startsWith('43'))).toEqual([]);
    }
    expect(await stateOf()).toEqual(before);
  });
});

describe('a token that expires under a live socket', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('T9 AUTH-3 does not cut it for a day, and then the server ends it; nothing new is let in meanwhile', async () => {
    // The sweep of the real server by a clock that jumps; connections and the database go by the real one.
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    const minutes = (count: number) => count * 60_000;
    const aging = await startTestServer({ accessTokenSeconds: 900 });
    const user = await aging.user();
    const chat = await user.group();
    const start = Date.now();
    // The client library would take a clock that jumps for a dead server.
    const socket = new PacketSocket(aging.url, [`40${JSON.stringify({ token: user.token })}`]);
    await socket.next('40');
    const send = (id: number) =>
      socket.command(id, 'sendMessage', {
        chatId: chat.id,
        clientMessageId: randomUUID(),
        text: 'alive',
      });
    const sweepAt = (time: number) => {
      vi.setSystemTime(time - minutes(1));
      vi.advanceTimersByTime(minutes(1));
    };

    sweepAt(start + minutes(16));
    expect(await user.fail('getOwnUser')).toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(TestSocket.connect(aging.url, { token: user.token })).rejects.toMatchObject({
      data: { code: 'UNAUTHENTICATED' },
    });
    expect(await send(1)).toContain('"ok":true');

    sweepAt(start + minutes(24 * 60 + 14));
    expect(await send(2)).toContain('"ok":true');
    expect(socket.packets).not.toContain('closed');

    sweepAt(start + minutes(24 * 60 + 17));
    expect(await socket.next('42["sessionEnded"')).toContain('UNAUTHENTICATED');
    await socket.next('closed');
    await aging.stop();
  });
});

describe('what tells who exists', () => {
  /** All of an answer but what differs from each to each. */
  async function answerOf(name: Parameters<typeof sendRequest>[1], request: RouteRequest) {
    const { status, headers, body } = await sendRequest(server.url, name, request);
    const problem = body as Record<string, unknown>;
    return {
      status,
      body: {
        ...problem,
        requestId: undefined,
        retryAfterMs: problem['retryAfterMs'] !== undefined,
      },
      headers: [...headers.keys()].toSorted(),
    };
  }

  async function deleted(): Promise<TestUser> {
    const user = await server.user();
    await user.call('deleteAccount', { body: { password: PASSWORD } });
    return user;
  }

  it('T10 a login does not: with a foreign device, of a deleted account, in any case', async () => {
    const gone = await deleted();
    const device = { id: ben.session.device.id };
    const { username } = anna.session.user;
    const body = { username: freshName('nobody'), password: 'wrong password' };
    const nobody = await answerOf('login', { body });
    expect(nobody).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    for (const attempt of [
      { username, password: 'wrong password' },
      { username: username.toUpperCase(), password: 'wrong password' },
      { username, password: 'wrong password', device },
      { username, password: 'wrong password', device: { id: anna.session.device.id } },
      { username: gone.session.user.username, password: PASSWORD },
      { username: `deleted-${gone.id.slice(-8)}`, password: '' },
      { username: freshName('nobody'), password: '', device },
    ]) {
      expect(await answerOf('login', { body: attempt })).toEqual(nobody);
    }
  });

  it('T10 the limit does not: names that nobody has are limited as others are', async () => {
    const known = await server.user();
    const names = [known.session.user.username, freshName('nobody')];
    const histories = await Promise.all(
      names.map(async (username) => {
        const answers = [];
        for (let attempt = 0; attempt < 12; attempt += 1)
          answers.push(await answerOf('login', { body: { username, password: 'wrong password' } }));
        return answers;
      }),
    );
    expect(histories[0]).toEqual(histories[1]);
    expect(histories[0]?.map(({ status }) => status).slice(9)).toEqual([401, 429, 429]);
  });

  it('T10 a registration says no more than that the name is taken: by a user, in another case, by one who is gone', async () => {
    const gone = await deleted();
    const register = (username: string) =>
      answerOf('register', { body: { username, password: PASSWORD } });
    const taken = await register(anna.session.user.username);
    expect(taken).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await register(anna.session.user.username.toUpperCase())).toEqual(taken);
    expect(await register(gone.session.user.username)).toEqual(taken);
  });

  it('T10 a look-up does not: a deleted user, a foreign device and a revoked one are as any random id', async () => {
    const gone = await deleted();
    const revoked = await ben.otherDevice();
    await ben.call('revokeDevice', { params: { id: revoked.session.device.id } });
    const { token } = ben;
    const cases = [
      { route: 'getUser', ids: [gone.id], request: {} },
      {
        route: 'renameDevice',
        ids: [anna.session.device.id, revoked.session.device.id, gone.session.device.id],
        request: { body: { name: 'Mine' } },
      },
      {
        route: 'revokeDevice',
        ids: [anna.session.device.id, revoked.session.device.id, gone.session.device.id],
        request: {},
      },
    ] as const;
    for (const { route, ids, request } of cases) {
      const ask = (id: string) => answerOf(route, { ...request, token, params: { id } });
      const missing = await ask(randomUUID());
      expect(missing).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      for (const id of ids) expect(await ask(id)).toEqual(missing);
    }
    const { body } = await ben.call('listUsers', {
      query: { ids: [gone.id, randomUUID()].join(',') },
    });
    expect(body.items).toEqual([]);
  });
});

describe('guessing', () => {
  it('T12 one account from a hundred addresses is limited as from one, and its owner on his device is not', async () => {
    const proxied = await startTestServer({ trustedProxies: ['127.0.0.1'] });
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
    const proxied = await startTestServer({ trustedProxies: ['127.0.0.1'] });
    const direct = await startTestServer();
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
    const busy = await startTestServer();
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
    const open = await startTestServer({ registrationsPerHour: 1, rateLimits: false });
    await Promise.all([open.user(), open.user(), open.user()]);
    await open.stop();
  });
});

describe('an invite', () => {
  it('T15 raced by ten through both doors fills the group to its limit and never past it', async () => {
    const limits = { ...testConfig('').limits, groupMembers: 4 };
    const small = await startTestServer({ limits });
    const owner = await small.user();
    const chat = await owner.group();
    const params = { id: chat.id };
    const { body: invite } = await owner.call('createInvite', { params });
    const guests = await Promise.all(Array.from({ length: 10 }, () => small.user()));
    const codes = await Promise.all(
      guests.map(async (guest, index) => {
        if (index % 2 === 0) {
          const request = { params, token: guest.token, body: invite };
          const { status, body } = await sendRequest(small.url, 'joinGroup', request);
          return status < 300 ? 'joined' : (body as { code: string }).code;
        }
        const socket = await guest.connect();
        const answer = await socket.answer('joinChat', { chatId: chat.id, ...invite });
        return answer.ok ? 'joined' : answer.error.code;
      }),
    );
    expect(codes.filter((code) => code === 'joined')).toHaveLength(3);
    expect(codes.filter((code) => code === 'TOO_LARGE')).toHaveLength(7);
    const { body: members } = await owner.call('listMembers', { params });
    expect(members.items).toHaveLength(4);
    expect((await owner.call('getChat', { params })).body.memberCount).toBe(4);
    for (const guest of guests) guest.disconnect();
    await small.stop();
  });

  it('T15 that is ended while ten use it lets in whoever came before, and nobody after', async () => {
    const chat = await anna.group();
    const params = { id: chat.id };
    const { body: invite } = await anna.call('createInvite', { params });
    const guests = await Promise.all(Array.from({ length: 11 }, () => server.user()));
    const late = guests.pop();
    const [joins] = await Promise.all([
      Promise.all(
        guests.map(({ token }) =>
          sendRequest(server.url, 'joinGroup', { params, token, body: invite }),
        ),
      ),
      anna.call('deleteInvite', { params }),
    ]);
    const joined = joins.filter(({ status }) => status === 200).length;
    for (const { status } of joins) expect([200, 404]).toContain(status);
    expect((await anna.call('getChat', { params })).body.memberCount).toBe(1 + joined);
    expect(await late?.fail('joinGroup', { params, body: invite })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await anna.call('getChat', { params })).body.memberCount).toBe(1 + joined);
  });
});
