import { randomUUID } from 'node:crypto';
import {
  PASSWORD,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;

beforeAll(async () => {
  server = await startTestServer({ production: true });
  [anna, ben] = await Promise.all([server.user(), server.user()]);
});
afterAll(() => server.stop());

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
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
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
