import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  ChildServer,
  createTestDatabase,
  freshName,
  PASSWORD,
  sendRequest,
  type TestDatabase,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

let server: ChildServer;
let database: TestDatabase;
let anna: TestUser;
let bystander: TestUser;
let socket: TestSocket;

// A process of its own: what hangs there fails a test here.
beforeAll(async () => {
  database = await createTestDatabase();
  server = await ChildServer.prepare({
    DATABASE_URL: database.url,
    LOG_LEVEL: 'trace',
    NATTER_RATE_LIMITS: 'off',
  });
  await server.start();
  [anna, bystander] = await Promise.all([
    TestUser.register(server.url, freshName()),
    TestUser.register(server.url, freshName()),
  ]);
});
afterAll(async () => {
  await server.dispose();
  await database.drop();
});

beforeEach(async () => {
  socket = await anna.connect();
});
afterEach(() => anna.disconnect());

const SIZE = 64 * 1024;
const long = (part: string, end = '') => part.repeat(Math.ceil(SIZE / part.length)) + end;

it.each([
  ['letters', long('a', '!')],
  ['white space', long(' ', 'x')],
  ['line ends', long('\r\n', 'x')],
  ['padding', long('=')],
  ['base64 without an end', long('AAAA', '!')],
  ['combining marks', `a${long('\u0301')}`],
  ['joiners', long('👩\u200d')],
  ['skin tones', `👋${long('🏽')}`],
  ['flags', long('🇩🇪')],
  ['variation selectors', `❤${long('\ufe0f')}`],
  ['keycaps', long('1\ufe0f\u20e3')],
  ['tags', `🏴${long('\u{e0067}', '\u{e007f}')}`],
  ['invisible characters', long('\u200b\u3164')],
  ['names', long('a.b-c_', '@')],
  ['mentions', long('@a @', '!')],
  ['percent signs', long('%_\\')],
  ['brackets', long('([{<')],
  ['times', `2026-01-01T00:00:00.${long('0', 'Z')}`],
])('T58 64 KB of %s hang nothing, wherever they stand', async (_, text) => {
  const chat = await anna.group();
  const { id: messageId } = await socket.send(chat.id, 'hello');
  const params = { id: chat.id };
  const token = anna.token;
  const send = (name: Parameters<typeof sendRequest>[1], request: object) =>
    sendRequest(server.url, name, { token, ...request }).then(({ status }) => status);
  const clientMessageId = randomUUID();
  const asked = Promise.all([
    send('register', { body: { username: text, password: PASSWORD, displayName: text } }),
    send('updateProfile', { body: { displayName: text, about: text } }),
    send('createChat', { body: { type: 'group', title: text, memberIds: [] } }),
    send('updateChat', { params, body: { description: text } }),
    send('setPreferences', { params, body: { mutedUntil: text } }),
    send('addReaction', {
      params: { id: messageId, emoji: encodeURIComponent(text.slice(0, 60)) },
    }),
    send('listChats', { query: { query: text.slice(0, 256) } }),
    send('listUsers', { query: { query: text.slice(0, 256) } }),
    send('listChats', { query: { cursor: text.slice(0, 1024) } }),
    ...[
      socket.answer('sendMessage', { chatId: chat.id, clientMessageId, text }),
      socket.answer('sendMessage', {
        chatId: chat.id,
        clientMessageId,
        text: 'x',
        mentions: [text],
      }),
      socket.answer('sendMessage', { chatId: text, clientMessageId, text: 'x' }),
      socket.answer('sendMessage', {
        chatId: chat.id,
        clientMessageId,
        text: text.slice(0, 4096),
      }),
      ...[
        { scheme: text, ciphertext: 'AAAA' },
        { scheme: 'x', ciphertext: text },
        { scheme: 'x', ciphertext: 'AAAA', header: text },
      ].map((encrypted) =>
        socket.answer('sendEncryptedMessage', {
          chatId: chat.id,
          clientMessageId: randomUUID(),
          encrypted,
        }),
      ),
      socket.answer('addReaction', { messageId, emoji: text }),
      socket.answer('setDraft', { chatId: chat.id, text }),
      socket.answer('sync', { cursor: text }),
    ].map((answer) => answer.then(({ ok }) => (ok ? 200 : 400))),
  ]);
  const [statuses, other] = await Promise.all([asked, bystander.call('getOwnUser')]);
  expect(other.body.id).toBe(bystander.id);
  for (const status of statuses) expect(status).toBeLessThan(500);
  const { body } = await anna.call('getMessage', { params: { id: messageId } });
  for (const { emoji } of body.reactions) expect(Array.from(emoji).length).toBeLessThanOrEqual(60);
});

/** A request as bytes, so that its headers hold what no client of ours would send. */
async function rawHttp(head: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const connection = connect(Number(port), hostname);
  let answer = '';
  connection.on('data', (chunk) => (answer += chunk.toString()));
  connection.on('error', () => undefined);
  connection.write(`${head}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  await once(connection, 'close');
  return answer;
}

const INJECTED = 'injected-by-a-client';
const HOSTILE = [
  `\r\n{"level":60,"msg":"${INJECTED}"}`,
  `\n{"level":60,"msg":"${INJECTED}"}\n`,
  `\u001b[2J\u001b]0;${INJECTED}\u0007`,
  `\u2028\u2029\u0085${INJECTED}`,
  `","level":60,"msg":"${INJECTED}`,
  `%s %j %o %d ${INJECTED}`,
];

it('T59 whatever clients send, the log is one JSON object in each line, and holds neither texts nor secrets', async () => {
  const chat = await anna.group();
  const params = { id: chat.id };
  for (const text of HOSTILE) {
    await sendRequest(server.url, 'login', { body: { username: text, password: text } });
    await sendRequest(server.url, 'register', {
      body: {
        username: freshName(),
        password: `${PASSWORD}${text}`,
        device: { name: text, platform: text },
      },
    });
    await sendRequest(server.url, 'createChat', {
      token: anna.token,
      body: { type: 'group', title: text, memberIds: [] },
    });
    await sendRequest(server.url, 'updateChat', {
      token: anna.token,
      params,
      body: { description: text },
    });
    await sendRequest(server.url, 'getChat', {
      token: text.replaceAll(/[^\x20-\x7e]/g, ''),
      params,
    });
    await socket.answer('setDraft', { chatId: chat.id, text });
    await socket.answer('sendMessage', { chatId: chat.id, clientMessageId: randomUUID(), text });
    await socket.answer('addReaction', { messageId: randomUUID(), emoji: text });
    socket.raw.emit(text, { [text]: text }, () => undefined);
    const bytes = encodeURIComponent(text);
    for (const head of [
      `GET /v1/chats HTTP/1.1\r\nuser-agent: ${text}\r\nx-request-id: ${text}`,
      `GET /v1/chats HTTP/1.1\r\nx-forwarded-for: ${text}\r\nreferer: ${text}`,
      `GET /${bytes}?token=${INJECTED} HTTP/1.1`,
      `GET /socket.io/?EIO=4&transport=${bytes}&sid=${bytes} HTTP/1.1\r\norigin: ${text}`,
      `${text} / HTTP/1.1`,
    ]) {
      expect(await rawHttp(head)).not.toContain('HTTP/1.1 5');
    }
  }
  const lines = server.log.split('\n').filter(Boolean);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    // JSON leaves these as they are where nobody escapes them, and terminals and log readers obey them.
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  }
  for (const secret of [INJECTED, PASSWORD, anna.token, anna.session.refreshToken]) {
    expect(server.log).not.toContain(secret);
  }
});

it.each(['x-request-id', 'request-id', 'x-correlation-id', 'traceparent'])(
  'T59 the id of a request is our own, whatever %s says',
  async (header) => {
    const given = randomUUID();
    const response = await fetch(`${server.url}/v1/chats`, { headers: { [header]: given } });
    const text = await response.text();
    expect(text).toContain('"requestId"');
    expect(text).not.toContain(given);
    expect([...response.headers.values()].join()).not.toContain(given);
  },
);
