import { randomUUID } from 'node:crypto';
import { type CommandName, commands } from '@natter/protocol';
import { DatabaseClock } from '@natter/server/database';
import {
  freshName,
  PASSWORD,
  type RouteRequest,
  sendRequest,
  startTestServer,
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
    vi.restoreAllMocks();
  });

  it('T9 AUTH-3 does not cut it for a day, and then the server ends it; nothing new is let in meanwhile', async () => {
    // The sweep of the real server by a clock that jumps; connections go by the real one.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const minutes = (count: number) => count * 60_000;
    const aging = await startTestServer({ accessTokenSeconds: 900 });
    const user = await aging.user();
    const chat = await user.group();
    const clock = aging.natter.application.get(DatabaseClock);
    const start = clock.now();
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
      vi.spyOn(clock, 'now').mockReturnValue(time);
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
