import { randomUUID } from 'node:crypto';
import {
  freshName,
  PASSWORD,
  queryDatabase,
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
  server = await startTestServer();
  [anna, ben] = await Promise.all([server.user(), server.user()]);
});
afterAll(() => server.stop());

const MARK = '\u0301';

describe('texts', () => {
  it.each([
    ['8,000 combining marks', `a${MARK.repeat(8000)}`],
    ['marks without a letter before them', `${MARK}${MARK}b`],
    ['a composed and a decomposed letter', 'é e\u0301'],
    ['compatibility characters', 'ﬁ Å \u212b ２ ㎏'],
    ['joiners and invisible characters', 'a\u200b\u200d\u2060\ufeff\u00adb'],
    ['bidi controls', 'a\u202eb\u202c \u2066c\u2069 \u200f'],
    ['the last code points', '\u{10ffff} \ufffe \uffff \u{1fffe}'],
    ['line ends of all kinds', 'a\r\nb\rc\nd\u2028e\u2029f\u0085g'],
    ['white space around', ' \t a \n '],
    ['16,384 bytes of four each', '👋'.repeat(4096)],
    ['16,384 bytes of two each', 'é'.repeat(8192)],
  ])('T48 %s come back byte by byte: acknowledged, live, read and stored', async (_, text) => {
    const chat = await anna.direct(ben);
    const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
    const sent = await atAnna.send(chat.id, text);
    const live = await atBen.next('newMessage', ({ id }) => id === sent.id);
    const { body } = await ben.call('getHistory', { params: { id: chat.id }, query: { limit: 1 } });
    const rows = await queryDatabase<{ bytes: Buffer }>(
      server.databaseUrl,
      `select convert_to(text, 'UTF8') as bytes from messages where id = $1`,
      [sent.id],
    );
    const bytes = Buffer.from(text);
    for (const given of [sent.text, live.text, body.items[0]?.text])
      expect(bytes.equals(Buffer.from(given ?? ''))).toBe(true);
    expect(bytes.equals(rows[0]?.bytes ?? Buffer.alloc(0))).toBe(true);
    anna.disconnect();
    ben.disconnect();
  });

  it.each([
    ['10,000 combining marks', `a${MARK.repeat(10_000)}`],
    ['one byte more than the limit', 'a'.repeat(16_385)],
    ['8,193 characters of two bytes', 'é'.repeat(8193)],
    ['4,097 characters of four bytes', '👋'.repeat(4097)],
  ])('T48 %s are TOO_LARGE by both doors: bytes count, not characters', async (_, text) => {
    const chat = await anna.direct(ben);
    const input = { text, clientMessageId: randomUUID() };
    const socket = await anna.connect();
    expect(await socket.fail('sendMessage', { chatId: chat.id, ...input })).toMatchObject({
      code: 'TOO_LARGE',
    });
    const request = { params: { id: chat.id }, body: { kind: 'text', ...input } };
    expect(await anna.fail('sendMessage', request)).toMatchObject({ code: 'TOO_LARGE' });
    anna.disconnect();
  });

  it('T48 names count characters: 64 of four bytes fit, 65 and 10,000 marks do not', async () => {
    const update = (displayName: string) =>
      sendRequest(server.url, 'updateProfile', { token: anna.token, body: { displayName } });
    const longest = '👋'.repeat(64);
    expect((await update(longest)).body).toMatchObject({ displayName: longest });
    const marked = `a${MARK.repeat(63)}`;
    expect((await update(marked)).body).toMatchObject({ displayName: marked });
    for (const tooLong of ['👋'.repeat(65), `a${MARK.repeat(64)}`, `a${MARK.repeat(10_000)}`])
      expect((await update(tooLong)).body).toMatchObject({ code: 'INVALID' });
  });

  it.each([
    ['high', '\ud83d'],
    ['low', '\udc4b'],
    ['swapped', '\udc4b\ud83d'],
  ])('T48 a lone surrogate (%s) is INVALID in every name and password', async (_, half) => {
    const chat = await anna.group();
    const attempts = [
      ['updateProfile', { body: { displayName: `a${half}` } }],
      ['updateProfile', { body: { about: `a${half}` } }],
      ['updateChat', { params: { id: chat.id }, body: { title: `a${half}` } }],
      ['updateChat', { params: { id: chat.id }, body: { description: `a${half}` } }],
      ['renameDevice', { params: { id: anna.session.device.id }, body: { name: `a${half}` } }],
      ['register', { body: { username: freshName(), password: `${PASSWORD}${half}` } }],
      ['login', { body: { username: `a${half}`, password: PASSWORD } }],
    ] as const;
    for (const [route, request] of attempts)
      expect(await anna.fail(route, request)).toMatchObject({ code: 'INVALID', status: 400 });
  });
});

describe('names', () => {
  it.each([
    ['zero-width space', '\u200b'],
    ['joiner between Latin letters', '\u200d'],
    ['word joiner', '\u2060'],
    ['byte order mark', '\ufeff'],
    ['soft hyphen', '\u00ad'],
    ['right-to-left override', '\u202e'],
    ['right-to-left mark', '\u200f'],
    ['line separator', '\u2028'],
  ])('T49 AUTH-4 one with a %s in it is INVALID wherever names are', async (_, invisible) => {
    const name = `an${invisible}na`;
    const chat = await anna.group();
    const attempts = [
      ['register', { body: { username: name, password: PASSWORD } }],
      ['register', { body: { username: freshName(), password: PASSWORD, displayName: name } }],
      ['register', { body: { username: freshName(), password: PASSWORD, device: { name } } }],
      ['login', { body: { username: 'anna', password: PASSWORD, device: { platform: name } } }],
      ['updateProfile', { body: { displayName: name } }],
      ['createChat', { body: { type: 'group', title: name, memberIds: [] } }],
      ['updateChat', { params: { id: chat.id }, body: { title: name } }],
      ['renameDevice', { params: { id: anna.session.device.id }, body: { name } }],
    ] as const;
    for (const [route, request] of attempts)
      expect(await anna.fail(route, request)).toMatchObject({ code: 'INVALID', status: 400 });
  });

  it.each(['می\u200cخواهم', 'क्\u200dष', '👩🏽\u200d🚀 Ana', '❤\ufe0f'])(
    'T49 AUTH-4 %s keeps what makes it look as it does',
    async (name) => {
      const { body } = await anna.call('updateProfile', { body: { displayName: name } });
      expect(body.displayName).toBe(name);
      expect((await anna.group([], { title: name })).title).toBe(name);
    },
  );
});

describe('searches', () => {
  const routes = ['listUsers', 'listChats'] as const;

  it.each([
    '%',
    '_',
    '\\',
    '100%',
    `'`,
    `"`,
    `''; --`,
    '&',
    '|',
    '!',
    '<->',
    ':*',
    'a & !b',
    '( (',
    '* ? [a-z]+ .{9}$',
    '$1',
    '\\E',
    '🦆',
  ])('T54 %s stands for itself alone', async (text) => {
    const word = randomUUID();
    const name = `${text} ${word}`;
    await anna.call('updateProfile', { body: { displayName: name } });
    const chat = await anna.group([], { title: name });
    await anna.group([], { title: `other ${word}` });
    const query = `${text} ${word.slice(0, 13)}`;
    const users = await ben.call('listUsers', { query: { query } });
    expect(users.body.items.map(({ id }) => id)).toEqual([anna.id]);
    const chats = await anna.call('listChats', { query: { query } });
    // What is only similar comes behind it.
    expect(chats.body.items[0]?.id).toBe(chat.id);
    await anna.call('updateProfile', { body: { displayName: `other ${randomUUID()}` } });
    expect((await ben.call('listUsers', { query: { query } })).body.items).toEqual([]);
  });

  it.each(routes)(
    'T54 %s takes 256 characters of any kind, and refuses more without asking the database',
    async (route) => {
      const words = Array.from({ length: 128 }, () => 'a').join(' ');
      for (const query of [
        words,
        '%'.repeat(256),
        '\\'.repeat(256),
        '('.repeat(256),
        '🦆'.repeat(128),
      ])
        expect((await anna.call(route, { query: { query } })).status).toBe(200);
      for (const query of ['a'.repeat(257), '%'.repeat(2000)])
        expect(await anna.fail(route, { query: { query } })).toMatchObject({ code: 'INVALID' });
      // As much as an address may hold is refused by its header, where that is not refused before.
      const terms = Array.from({ length: 10_000 }, (_, index) => `w${index}`).join(' ');
      for (const query of [terms, 'a'.repeat(1_000_000)]) {
        const status = await sendRequest(server.url, route, {
          token: anna.token,
          query: { query },
        }).then(
          (answer) => answer.status,
          () => 'cut',
        );
        expect([400, 414, 431, 'cut']).toContain(status);
      }
      expect((await anna.call(route, { query: { query: 'a' } })).status).toBe(200);
    },
  );
});
