import { randomUUID } from 'node:crypto';
import { queryDatabase, startTestServer, type TestServer, type TestUser } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let stranger: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  [anna, ben, stranger] = await Promise.all([server.user(), server.user(), server.user()]);
});
afterAll(() => server.stop());

function textBody(text: string, clientMessageId: string = randomUUID()) {
  return { kind: 'text', text, clientMessageId };
}

describe('sendMessage', () => {
  it('FAN-1 reaches every socket of every member but the one that sent it', async () => {
    const chat = await anna.direct(ben);
    const annaTablet = await anna.otherDevice();
    const [sending, sameDevice, tablet, atBen, atBenToo, outside] = await Promise.all([
      anna.connect(),
      anna.connect(),
      annaTablet.connect(),
      ben.connect(),
      ben.connect(),
      stranger.connect(),
    ]);
    const sent = await sending.send(chat.id, 'hello');
    const last = await sending.send(chat.id, 'and again');
    for (const socket of [sameDevice, tablet, atBen, atBenToo]) {
      await socket.next('newMessage', (message) => message.id === last.id);
      expect(socket.of('newMessage').filter(({ id }) => id === sent.id)).toEqual([sent]);
    }
    expect(sending.of('newMessage')).toEqual([]);
    expect(outside.received).toEqual([]);
    for (const user of [anna, annaTablet, ben, stranger]) user.disconnect();
  });

  it('FAN-1 by HTTP excludes nobody', async () => {
    const chat = await anna.direct(ben);
    const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
    const { status, body } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: textBody('by HTTP'),
    });
    expect(status).toBe(201);
    for (const socket of [atAnna, atBen]) {
      expect(await socket.next('newMessage', ({ id }) => id === body.message.id)).toEqual(
        body.message,
      );
    }
    anna.disconnect();
    ben.disconnect();
  });

  it('MSG-1 takes the sender from the token, whatever the payload says', async () => {
    const chat = await anna.direct(ben);
    const { body } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: {
        ...textBody('mine'),
        senderId: ben.id,
        sender: { id: ben.id },
        seq: 99,
        createdAt: 'then',
      },
    });
    expect(body.message).toMatchObject({
      senderId: anna.id,
      sender: { id: anna.id },
      senderDeviceId: anna.session.device.id,
    });
  });

  it.each([
    ['plain', 'hello'],
    ['with spaces kept', '  two  spaces \n\n and lines  '],
    ['in Arabic', 'مرحبا بالعالم'],
    ['with joined emoji', '👩‍👩‍👧‍👦 and 🇩🇪'],
    ['with a thousand combining marks', `e${'\u0301'.repeat(1000)}`],
    ['that looks like SQL', `'; drop table messages; --`],
    ['that looks like JSON', '{"__proto__": {"admin": true}}'],
  ])('MSG-1 keeps a text %s as it was sent', async (_, text) => {
    const chat = await anna.direct(ben);
    const { body } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: textBody(text),
    });
    const { body: history } = await ben.call('getHistory', {
      params: { id: chat.id },
      query: { limit: 1 },
    });
    expect(body.message.text).toBe(text);
    expect(history.items.map((message) => message.text)).toEqual([text]);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n\t\u200b\u2800'],
    ['with NUL', 'a\0b'],
    ['with a lone surrogate', 'a\ud800b'],
    ['that is no text', 42],
    ['that is a list', ['hello']],
    ['that is missing', undefined],
    ['that is null', null],
  ])('MSG-1 refuses a text that is %s by both doors', async (_, text) => {
    const chat = await anna.direct(ben);
    const socket = await anna.connect();
    const error = await socket.fail('sendMessage', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      text,
    });
    const problem = await anna.fail('sendMessage', {
      params: { id: chat.id },
      body: { kind: 'text', clientMessageId: randomUUID(), text },
    });
    expect(error).toMatchObject({ code: 'INVALID', details: [{ path: 'text' }] });
    expect(problem).toMatchObject({ code: 'INVALID', status: 400, details: [{ path: 'text' }] });
    anna.disconnect();
  });

  it('MSG-1 leaves out mentions of people who are not in the chat', async () => {
    const chat = await anna.group([ben]);
    const { body } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: { ...textBody('@both'), mentions: [stranger.id, ben.id, randomUUID(), ben.id] },
    });
    expect(body.message.mentions).toEqual([ben.id]);
  });

  it('ERR-1 a text over the limit is TOO_LARGE, one of exactly the limit is not', async () => {
    const chat = await anna.direct(ben);
    const limit = 16 * 1024;
    const fits = 'ä'.repeat(limit / 2);
    const socket = await anna.connect();
    expect((await socket.send(chat.id, fits)).text).toBe(fits);
    const error = await socket.fail('sendMessage', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      text: `${fits}!`,
    });
    expect(error).toMatchObject({ code: 'TOO_LARGE', retryable: false });
    anna.disconnect();
  });

  it('PRIV-1 a stranger gets the same answer as for a chat that does not exist', async () => {
    const chat = await anna.direct(ben);
    const answers = await Promise.all(
      [chat.id, randomUUID()].map((id) =>
        stranger.fail('sendMessage', { params: { id }, body: textBody('let me in') }),
      ),
    );
    const [foreign, missing] = answers.map(({ requestId: _, ...answer }) => answer);
    expect(foreign).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    expect(foreign).toEqual(missing);
  });
});

describe('IDEM-1', () => {
  it('IDEM-1 the same send again returns the first message, from any device and by both doors', async () => {
    const chat = await anna.direct(ben);
    const clientMessageId = randomUUID();
    const tablet = await anna.otherDevice();
    const [socket, other, atBen] = await Promise.all([
      anna.connect(),
      tablet.connect(),
      ben.connect(),
    ]);
    const payload = { chatId: chat.id, clientMessageId, text: 'once' };
    const first = await socket.command('sendMessage', payload);
    const again = await Promise.all([
      socket.command('sendMessage', payload),
      other.command('sendMessage', { ...payload, clientMessageId: clientMessageId.toUpperCase() }),
    ]);
    const { status, body } = await anna.call('sendMessage', {
      params: { id: chat.id },
      body: textBody('once', clientMessageId),
    });
    expect(first.duplicate).toBeUndefined();
    for (const answer of [...again, body]) {
      expect(answer).toEqual({ message: first.message, duplicate: true });
    }
    expect(status).toBe(200);
    const marker = await socket.send(chat.id, 'after');
    await atBen.next('newMessage', ({ id }) => id === marker.id);
    expect(atBen.of('newMessage').filter(({ text }) => text === 'once')).toHaveLength(1);
    for (const user of [anna, tablet, ben]) user.disconnect();
  });

  it('IDEM-1 other content under the same client id is CONFLICT', async () => {
    const chat = await anna.group([ben]);
    const clientMessageId = randomUUID();
    const send = (body: object) => ({
      params: { id: chat.id },
      body: { ...textBody('one', clientMessageId), ...body },
    });
    await anna.call('sendMessage', send({}));
    for (const changed of [{ text: 'two' }, { mentions: [ben.id] }]) {
      expect(await anna.fail('sendMessage', send(changed))).toMatchObject({
        code: 'CONFLICT',
        status: 409,
      });
    }
  });

  it('IDEM-1 holds per sender and chat: the same id elsewhere is another message', async () => {
    const [chat, other] = await Promise.all([anna.direct(ben), anna.group([ben])]);
    const clientMessageId = randomUUID();
    const answers = await Promise.all([
      anna.call('sendMessage', {
        params: { id: chat.id },
        body: textBody('mine', clientMessageId),
      }),
      ben.call('sendMessage', { params: { id: chat.id }, body: textBody('his', clientMessageId) }),
      anna.call('sendMessage', {
        params: { id: other.id },
        body: textBody('elsewhere', clientMessageId),
      }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  });

  it('IDEM-1 G3 holds for the life of the message: a month later, and after it was deleted', async () => {
    const chat = await anna.direct(ben);
    const request = { params: { id: chat.id }, body: textBody('once for ever', randomUUID()) };
    const { body: first } = await anna.call('sendMessage', request);
    await queryDatabase(
      server.databaseUrl,
      `update messages set created_at = created_at - interval '30 days' where chat_id = $1`,
      [chat.id],
    );
    const { status, body: again } = await anna.call('sendMessage', request);
    expect({ status, id: again.message.id, seq: again.message.seq }).toEqual({
      status: 200,
      id: first.message.id,
      seq: first.message.seq,
    });
    const { id } = first.message;
    await anna.call('deleteMessage', { params: { id }, query: { scope: 'everyone' } });
    const { body: deleted } = await anna.call('sendMessage', request);
    expect(deleted).toMatchObject({ duplicate: true, message: { id, seq: first.message.seq } });
    expect(deleted.message.deletedAt).toBeDefined();
  });

  it('IDEM-1 32 copies at once over both doors make one message', async () => {
    const chat = await anna.direct(ben);
    const clientMessageId = randomUUID();
    const sockets = await Promise.all(Array.from({ length: 4 }, () => anna.connect()));
    const answers = await Promise.all([
      ...sockets.flatMap((socket) =>
        Array.from({ length: 4 }, () =>
          socket.command('sendMessage', { chatId: chat.id, clientMessageId, text: 'one of many' }),
        ),
      ),
      ...Array.from({ length: 16 }, async () => {
        const { body } = await anna.call('sendMessage', {
          params: { id: chat.id },
          body: textBody('one of many', clientMessageId),
        });
        return body;
      }),
    ]);
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    anna.disconnect();
  });
});

describe('history', () => {
  it('SEQ-1 pages by seq bounds: newest, before, after and around', async () => {
    const chat = await anna.group([ben]);
    const socket = await anna.connect();
    for (let index = 2; index <= 11; index += 1) await socket.send(chat.id, `text ${index}`);
    const page = async (query: Record<string, number>) => {
      const { body } = await ben.call('getHistory', { params: { id: chat.id }, query });
      return {
        seqs: body.items.map(({ seq }) => seq),
        before: body.hasMoreBefore,
        after: body.hasMoreAfter,
      };
    };
    expect(await page({ limit: 3 })).toEqual({ seqs: [9, 10, 11], before: true, after: false });
    expect(await page({ before: 9, limit: 3 })).toEqual({
      seqs: [6, 7, 8],
      before: true,
      after: true,
    });
    expect(await page({ before: 3, limit: 3 })).toEqual({
      seqs: [1, 2],
      before: false,
      after: true,
    });
    expect(await page({ before: 1 })).toEqual({ seqs: [], before: false, after: true });
    expect(await page({ after: 0, limit: 3 })).toEqual({
      seqs: [1, 2, 3],
      before: false,
      after: true,
    });
    expect(await page({ after: 9, limit: 3 })).toEqual({
      seqs: [10, 11],
      before: true,
      after: false,
    });
    expect(await page({ after: 11 })).toEqual({ seqs: [], before: true, after: false });
    expect(await page({ around: 5, limit: 4 })).toEqual({
      seqs: [3, 4, 5, 6],
      before: true,
      after: true,
    });
    expect(await page({ around: 1, limit: 4 })).toEqual({
      seqs: [1, 2, 3, 4],
      before: false,
      after: true,
    });
    expect(await page({ around: 11, limit: 4 })).toEqual({
      seqs: [8, 9, 10, 11],
      before: true,
      after: false,
    });
    expect(await page({ around: 6, limit: 1 })).toEqual({ seqs: [6], before: true, after: true });
    anna.disconnect();
  });

  it('SEQ-1 pages are full also where a chat has many entries that are no messages', async () => {
    const chat = await anna.group([ben]);
    const socket = await anna.connect();
    const first = await socket.send(chat.id, 'first');
    const second = await socket.send(chat.id, 'second');
    for (let edit = 1; edit <= 100; edit += 1) {
      await socket.command('editMessage', { messageId: second.id, text: `second ${edit}` });
    }
    const third = await socket.send(chat.id, 'third');
    const page = async (query: Record<string, number>) => {
      const { body } = await ben.call('getHistory', { params: { id: chat.id }, query });
      return body.items.map(({ seq }) => seq);
    };
    const all = [1, first.seq, second.seq, third.seq];
    expect(third.seq - second.seq).toBe(101);
    expect(await page({ limit: 2 })).toEqual(all.slice(2));
    expect(await page({})).toEqual(all);
    expect(await page({ before: third.seq, limit: 2 })).toEqual(all.slice(1, 3));
    expect(await page({ after: second.seq, limit: 1 })).toEqual([third.seq]);
    expect(await page({ around: third.seq - 1, limit: 2 })).toEqual(all.slice(2));
    await anna.call('clearChat', { params: { id: chat.id }, body: { upToSeq: first.seq } });
    const { body } = await anna.call('getHistory', { params: { id: chat.id } });
    expect(body.items.map(({ seq }) => seq)).toEqual(all.slice(2));
    expect(body).toMatchObject({ hasMoreBefore: false, hasMoreAfter: false });
  });

  it.each([
    ['two bounds', { before: 3, after: 1 }],
    ['a limit of 0', { limit: 0 }],
    ['a limit over 100', { limit: 101 }],
    ['a negative seq', { before: -1 }],
    ['a seq in scientific notation', { before: '1e3' }],
    ['a seq beyond 2^53', { before: '9007199254740993' }],
    ['a seq that is no number', { after: 'NaN' }],
    ['a fraction', { after: '1.5' }],
  ])('ERR-1 refuses %s as INVALID', async (_, query) => {
    const chat = await anna.direct(ben);
    const problem = await anna.fail('getHistory', { params: { id: chat.id }, query: { ...query } });
    expect(problem).toMatchObject({ code: 'INVALID', status: 400 });
  });
});
