import { randomUUID } from 'node:crypto';
import { commands, type CommandName, routes, type RouteName } from '@natter/protocol';
import {
  failRoute,
  sendRequest,
  startTestServer,
  TestSocket,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let socket: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  anna = await server.user();
  socket = await anna.connect();
});
afterAll(async () => {
  anna.disconnect();
  await server.stop();
});

const commandNames = Object.keys(commands) as CommandName[];
const routeNames = Object.keys(routes) as RouteName[];

describe('the socket', () => {
  it.each(commandNames.filter((name) => name !== 'sync'))(
    'ACK-1 %s with nothing, nonsense or a malformed id is answered INVALID',
    async (name) => {
      const inputs = [
        undefined,
        null,
        42,
        'text',
        [],
        {},
        { chatId: 'nonsense' },
        { chatId: [randomUUID()] },
      ];
      for (const input of inputs) {
        expect(await socket.fail(name, input)).toMatchObject({
          code: 'INVALID',
          retryable: false,
          requestId: expect.any(String),
        });
      }
      const bare = (await socket.raw.timeout(5000).emitWithAck(name)) as { ok: boolean };
      expect(bare.ok).toBe(false);
    },
  );

  it.each(commandNames)(
    'ACK-1 %s before authentication is impossible: there is no connection',
    async (name) => {
      await expect(TestSocket.connect(server.url, {})).rejects.toMatchObject({
        data: { code: 'UNAUTHENTICATED' },
      });
      expect(name).toBeDefined();
    },
  );

  it('ACK-1 an unknown command with an acknowledgement is INVALID, also one named like an inherited property', async () => {
    for (const name of [
      'nonsense',
      'constructor',
      '__proto__',
      'toString',
      'newMessage',
      'sessionEnded',
    ]) {
      const answer = (await socket.raw.timeout(5000).emitWithAck(name, {})) as {
        error: { code: string };
      };
      expect(answer.error.code, name).toBe('INVALID');
    }
  });

  it('ACK-1 a command without an acknowledgement is carried out all the same', async () => {
    const chat = await anna.direct(anna);
    const other = await anna.connect();
    socket.raw.emit('sendMessage', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      text: 'no answer wanted',
    });
    await other.next('newMessage', ({ text }) => text === 'no answer wanted');
    // Neither does bad input without one harm anybody.
    socket.raw.emit('sendMessage', { chatId: 'nonsense' });
    socket.raw.emit('sendMessage');
    socket.raw.emit('nonsense', 1, 2, 3);
    await socket.command('sync', {});
  });

  it('ACK-2 an answer carries the number of its entry, and a repeat makes none', async () => {
    const ben = await server.user();
    const chat = await anna.group([ben]);
    const atBen = await ben.connect();
    const payload = { chatId: chat.id, clientMessageId: randomUUID(), text: 'once' };
    const { message } = await socket.command('sendMessage', payload);
    await socket.command('sendMessage', payload);
    const { userSeq } = await atBen.command('leaveChat', { chatId: chat.id });
    expect((await atBen.next('chatRemoved')).userSeq).toBe(userSeq);
    const { body } = await anna.call('getLog', { params: { id: chat.id } });
    expect(body.entries.map(({ payload: { seq } }) => seq)).toEqual([
      1,
      message.seq,
      message.seq + 1,
    ]);
    expect(atBen.texts(chat.id)).toEqual(['once']);
    ben.disconnect();
  });

  it('ACK-1 unknown fields are ignored and null means absent', async () => {
    const chat = await anna.direct(anna);
    const { message } = await socket.command('sendMessage', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      text: 'newer client',
      mentions: null,
      invented: { later: true },
    });
    expect(message).not.toHaveProperty('mentions');
    expect(message).not.toHaveProperty('invented');
  });

  it('ACK-1 a handshake of a client that is too old is refused by code', async () => {
    await expect(
      TestSocket.connect(server.url, { token: anna.token, protocolVersion: 0 }),
    ).rejects.toMatchObject({ data: { code: 'CLIENT_TOO_OLD' } });
    await expect(
      TestSocket.connect(server.url, { token: anna.token, protocolVersion: 'one' }),
    ).rejects.toMatchObject({ data: { code: 'INVALID' } });
    await expect(TestSocket.connect(server.url, { token: ['a'] })).rejects.toMatchObject({
      data: { code: 'INVALID' },
    });
  });

  it('ACK-1 long-polling works as WebSocket does', async () => {
    const polling = await TestSocket.connect(
      server.url,
      { token: anna.token },
      { transports: ['polling'] },
    );
    const chat = await anna.direct(anna);
    expect((await polling.send(chat.id, 'by polling')).text).toBe('by polling');
    polling.close();
  });

  it('ERR-1 a frame over the limit cuts the socket and harms nobody else', async () => {
    const loud = await anna.connect();
    loud.raw.emit('sendMessage', { text: 'a'.repeat(300_000) });
    await loud.until(() => loud.raw.disconnected, 'the cut');
    await socket.command('sync', {});
  });

  it('ERR-1 deep and wide JSON is answered, and the process lives', async () => {
    const wide = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index]),
    );
    for (const input of [{ chatId: wide }, { chatId: randomUUID(), text: wide }]) {
      expect(await socket.fail('sendMessage', input)).toMatchObject({ code: 'INVALID' });
    }
    // No client makes such a packet: it is written past the parser, 120,000 lists in each other.
    const deep = `${'['.repeat(120_000)}${']'.repeat(120_000)}`;
    const hostile = await anna.connect();
    hostile.raw.io.engine.write(`2["sendMessage",{"text":${deep}}]`);
    hostile.raw.io.engine.write(`21["sendMessage",${deep}]`);
    expect(await hostile.fail('sendMessage', {})).toMatchObject({ code: 'INVALID' });
    await socket.command('sync', {});
  });

  it.each([
    ['an unknown packet type', '9["sendMessage",{}]'],
    ['a namespace of 10 KB', `0/${'a'.repeat(10_000)},`],
    ['an event without a name', '2[]'],
    ['an event named by a number', '2[1,{}]'],
    ['a reserved event', '2["disconnect"]'],
    ['an acknowledgement of nothing', '399["forged"]'],
    ['JSON that is cut off', '2["sendMessage",{'],
    [
      'a binary event with a placeholder that is no number',
      '51-["sendMessage",{"_placeholder":true,"num":"x"}]',
    ],
    ['10,000 attachments announced', '510000-["sendMessage",{"_placeholder":true,"num":0}]'],
  ])('ERR-1 %s harms nobody else', async (_, packet) => {
    const hostile = await anna.connect();
    hostile.raw.io.engine.write(packet);
    await socket.command('sync', {});
    hostile.raw.disconnect();
  });
});

describe('HTTP', () => {
  it.each(routeNames.filter((name) => routes[name].policy !== 'anyone'))(
    'ERR-1 %s without a login is UNAUTHENTICATED',
    async (name) => {
      const problem = await failRoute(server.url, name, {
        params: {
          id: randomUUID(),
          userId: randomUUID(),
          messageId: randomUUID(),
          emoji: '👍',
          code: 'none',
        },
      });
      expect(problem).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    },
  );

  // The code of an invite and the name of a picture are no ids: any text may be one.
  const named: readonly RouteName[] = ['getInvite', 'getAvatar'];
  it.each(routeNames.filter((name) => 'params' in routes[name] && !named.includes(name)))(
    'ERR-1 %s of a malformed id is INVALID',
    async (name) => {
      for (const id of ['nonsense', '1', '%00', '..%2f..', `${randomUUID()}x`]) {
        const params = { id, userId: id, messageId: id, emoji: '👍' };
        expect(await anna.fail(name, { params, body: bodyOf(name) }), id).toMatchObject({
          code: 'INVALID',
        });
      }
    },
  );

  function bodyOf(name: RouteName): object | undefined {
    return 'body' in routes[name] ? {} : undefined;
  }

  it('ERR-1 what is no route is a NOT_FOUND problem', async () => {
    const response = await fetch(`${server.url}/v1/nonsense`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({
      code: 'NOT_FOUND',
      requestId: expect.any(String),
    });
  });

  it.each([
    ['JSON that is cut off', 'application/json', '{"username":', 400, 'INVALID'],
    ['no JSON at all', 'application/json', 'hello', 400, 'INVALID'],
    [
      'a prototype',
      'application/json',
      '{"__proto__":{"admin":true},"username":"x"}',
      400,
      'INVALID',
    ],
    ['XML', 'application/xml', '<a/>', 415, 'UNSUPPORTED_MEDIA'],
    ['plain text', 'text/plain', '{}', 415, 'UNSUPPORTED_MEDIA'],
    ['a form', 'application/x-www-form-urlencoded', 'username=x', 415, 'UNSUPPORTED_MEDIA'],
    [
      'a body over the limit',
      'application/json',
      JSON.stringify({ username: 'a'.repeat(300_000) }),
      413,
      'TOO_LARGE',
    ],
  ])('ERR-1 %s is answered by its code', async (_, contentType, body, status, code) => {
    const response = await fetch(`${server.url}/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    });
    const problem: unknown = await response.json();
    expect(problem).toMatchObject({ code, status });
    if (code === 'INVALID') expect(problem).toMatchObject({ details: [{ path: '' }] });
    expect(response.status).toBe(status);
  });

  it('ERR-1 an empty body is none, whatever its content type', async () => {
    const chat = await anna.group();
    const response = await fetch(`${server.url}/v1/chats/${chat.id}/leave`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${anna.token}` },
    });
    expect(response.status).toBe(204);
  });

  it('ERR-1 an address that cannot be decoded is a problem as any other', async () => {
    const response = await fetch(`${server.url}/v1/chats/%E0%A4%A/leave`, { method: 'POST' });
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ code: 'INVALID', status: 400 });
  });

  it('ERR-1 adding only people who do not exist adds nobody', async () => {
    const chat = await anna.group();
    const { body } = await anna.call('addMembers', {
      params: { id: chat.id },
      body: { userIds: [randomUUID()] },
    });
    expect(body).toEqual({ added: [] });
  });

  it('ERR-1 nothing internal is shown where something breaks', async () => {
    const broken = await startTestServer();
    const user = await broken.user();
    const { queryDatabase } = await import('@natter/testing');
    await queryDatabase(broken.databaseUrl, 'alter table members rename to members_away');
    const { status, body } = await sendRequest(broken.url, 'listChats', { token: user.token });
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL', detail: 'Something went wrong on the server' });
    expect(JSON.stringify(body)).not.toMatch(/members|select|stack|\.ts/i);
    await broken.stop();
  });

  it('answers carry headers that let a browser neither run, frame nor keep them', async () => {
    for (const path of ['/v1/users/me', '/healthz', '/v1/nonsense']) {
      const { headers } = await fetch(`${server.url}${path}`, {
        headers: { authorization: `Bearer ${anna.token}` },
      });
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(headers.has('x-powered-by')).toBe(false);
    }
    const page = await fetch(`${server.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('ERR-1 readiness and health answer without a login', async () => {
    expect((await sendRequest(server.url, 'getHealth')).body).toEqual({ status: 'ok' });
    expect((await sendRequest(server.url, 'getReadiness')).body).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['http://localhost:5173', 'http://localhost:5173'],
    ['http://localhost', 'http://localhost'],
    ['http://localhost.evil.example', null],
    ['http://evil.example', null],
    ['null', null],
  ])('CORS answers a page of %s with %s', async (origin, allowed) => {
    const response = await fetch(`${server.url}/healthz`, { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });
});
