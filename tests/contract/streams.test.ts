import { randomUUID } from 'node:crypto';
import { Bus } from '@natter/server/streams';
import { startTestServer, type TestServer, type TestSocket, type TestUser } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  // However slow the machine is, thousands of sends at once are none too many.
  server = await startTestServer({ capacity: { sendWaitMs: 60_000 } });
});
afterAll(() => server.stop());

async function people(count: number): Promise<TestUser[]> {
  return Promise.all(Array.from({ length: count }, () => server.user()));
}

/** What a device knows of a chat: what it was sent, and what its own sends were answered. */
function seqsOf(socket: TestSocket, chatId: string): number[] {
  return socket
    .of('newMessage')
    .filter((message) => message.chatId === chatId)
    .map((message) => message.seq);
}

it('SEQ-1 SEQ-2 20 sockets, 5,000 messages, 10 % sent twice: dense, and in the same order on every device', async () => {
  const users = await people(10);
  const [owner] = users;
  if (!owner) throw new Error('There is nobody');
  const chat = await owner.group(users.slice(1));
  const sockets = await Promise.all(users.flatMap((user) => [user.connect(), user.connect()]));
  const total = 5000;
  const acknowledged = await Promise.all(
    sockets.flatMap((socket, place) =>
      Array.from({ length: total / sockets.length }, async (_, index) => {
        const payload = {
          chatId: chat.id,
          clientMessageId: randomUUID(),
          text: `${place}: ${index}`,
        };
        const copies = index % 10 === 0 ? 2 : 1;
        const answers = await Promise.all(
          Array.from({ length: copies }, () => socket.command('sendMessage', payload)),
        );
        expect(new Set(answers.map(({ message }) => message.seq)).size).toBe(1);
        return answers[0]?.message;
      }),
    ),
  );
  const lastSeq = chat.lastSeq + total;
  const expected = Array.from({ length: total }, (_, index) => chat.lastSeq + 1 + index);
  expect(
    acknowledged.map((message) => message?.seq).toSorted((a, b) => Number(a) - Number(b)),
  ).toEqual(expected);

  for (const [place, socket] of sockets.entries()) {
    const own = acknowledged.filter(
      (_, index) => Math.floor(index / (total / sockets.length)) === place,
    );
    await socket.until(() => seqsOf(socket, chat.id).length + own.length >= total, 'all messages');
    const received = seqsOf(socket, chat.id);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(new Set([...received, ...own.map((message) => message?.seq)]).size).toBe(total);
    // The sends of one device keep their order (G5).
    const ownSeqs = own.map((message) => message?.seq ?? 0);
    expect(ownSeqs).toEqual(ownSeqs.toSorted((a, b) => a - b));
  }
  const { body } = await owner.call('getChat', { params: { id: chat.id } });
  expect(body.lastSeq).toBe(lastSeq);
  for (const user of users) user.disconnect();
});

it('SYNC-2 a bus message that is swallowed arrives by the tail within 3 s, in order', async () => {
  const [anna, ben] = await people(2);
  if (!anna || !ben) throw new Error('There is nobody');
  const chat = await anna.direct(ben);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const bus = server.natter.application.get(Bus, { strict: false });
  const publish = bus.publish.bind(bus);
  bus.publish = () => undefined;
  const lost = await atAnna.send(chat.id, 'lost on the bus');
  bus.publish = publish;
  const sentAt = performance.now();
  await atBen.next('newMessage', ({ id }) => id === lost.id);
  // The promise is a bound on staleness, not a speed: the tail reads every 2 s.
  expect(performance.now() - sentAt).toBeLessThan(3000);
  anna.disconnect();
  ben.disconnect();
});

it('SYNC-2 a swallowed message is brought before the one after it, at once', async () => {
  const [anna, ben] = await people(2);
  if (!anna || !ben) throw new Error('There is nobody');
  const chat = await anna.direct(ben);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const bus = server.natter.application.get(Bus, { strict: false });
  const publish = bus.publish.bind(bus);
  bus.publish = () => undefined;
  await atAnna.send(chat.id, 'one');
  bus.publish = (commit) => {
    publish(commit);
    publish(commit);
  };
  await atAnna.send(chat.id, 'two');
  bus.publish = publish;
  await atAnna.send(chat.id, 'three');
  await atBen.until(() => atBen.texts(chat.id).includes('three'), 'the third');
  expect(atBen.texts(chat.id)).toEqual(['one', 'two', 'three']);
  anna.disconnect();
  ben.disconnect();
});

it('DUR-1 a second node brings what the first committed, without any bus between them', async () => {
  const other = await startTestServer({ databaseUrl: server.databaseUrl });
  const [anna, ben] = await people(2);
  if (!anna || !ben) throw new Error('There is nobody');
  const { TestSocket: Socket } = await import('@natter/testing');
  const atBen = await Socket.connect(other.url, { token: ben.token });
  const chat = await anna.direct(ben);
  const added = await atBen.next('chatAdded');
  expect(added.chat.id).toBe(chat.id);
  const atAnna = await anna.connect();
  const sent = await atAnna.send(chat.id, 'from the other node');
  expect(await atBen.next('newMessage')).toEqual(sent);
  atBen.close();
  anna.disconnect();
  await other.stop();
});

it('FAN-1 what is sent right after a chat was made reaches those who were just added, once and in order', async () => {
  const [anna, ben] = await people(2);
  if (!anna || !ben) throw new Error('There is nobody');
  const [atAnna, atAnnaToo, atBen] = await Promise.all([
    anna.connect(),
    anna.connect(),
    ben.connect(),
  ]);
  for (let round = 0; round < 20; round += 1) {
    const chat = await anna.group([ben]);
    const sent = await Promise.all(
      ['one', 'two', 'three'].map((text) => atAnna.send(chat.id, text)),
    );
    const last = await atAnna.send(chat.id, 'last');
    for (const socket of [atBen, atAnnaToo]) {
      await socket.next('newMessage', ({ id }) => id === last.id);
      expect(socket.texts(chat.id)).toEqual([...sent.map(({ text }) => text), 'last']);
      const events = socket.received.filter(({ payload }) =>
        JSON.stringify(payload).includes(chat.id),
      );
      expect(events[0]?.event).toBe('chatAdded');
    }
  }
  expect(atAnna.of('newMessage')).toEqual([]);
  anna.disconnect();
  ben.disconnect();
});

it('SEQ-3 a user has a stream of his own, dense, whatever the chat', async () => {
  const [anna, ben] = await people(2);
  if (!anna || !ben) throw new Error('There is nobody');
  const atBen = await ben.connect();
  const groups = await Promise.all([anna.group([ben]), anna.group([ben]), anna.group([ben])]);
  await atBen.until(() => atBen.of('chatAdded').length === 3, 'three chats');
  expect(atBen.of('chatAdded').map(({ userSeq }) => userSeq)).toEqual([1, 2, 3]);
  const { userSeq } = await atBen.command('leaveChat', { chatId: groups[0]?.id });
  expect(userSeq).toBe(4);
  expect(await atBen.next('chatRemoved')).toEqual({
    userSeq: 4,
    chatId: groups[0]?.id,
    reason: 'left',
  });
  ben.disconnect();
});

it('SYNC-1 SYNC-2 pages of large entries end early, and nothing is left out', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const { id } = await anna.direct(ben);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const cursor = await atBen.cursor();
  const ciphertext = Buffer.alloc(60_000).toString('base64');
  const seqs: number[] = [];
  for (let index = 0; index < 30; index += 1) {
    const { message } = await atAnna.command('sendEncryptedMessage', {
      chatId: id,
      clientMessageId: randomUUID(),
      encrypted: { scheme: 'mls', ciphertext },
    });
    seqs.push(message.seq);
  }
  const seqsOf = (entries: readonly { payload: object }[]) =>
    entries.flatMap(({ payload }) => ('seq' in payload ? [Number(payload.seq)] : []));
  const byLog: number[] = [];
  for (let more = true; more;) {
    const query = { after: byLog.at(-1) ?? 0, limit: 500 };
    const { body } = await ben.call('getLog', { params: { id }, query });
    expect(body.entries.length).toBeLessThan(30);
    byLog.push(...seqsOf(body.entries));
    more = body.hasMore;
  }
  expect(byLog).toEqual(seqs);
  const bySync: number[] = [];
  let position = cursor;
  for (let more = true; more;) {
    const page = await atBen.command('sync', { cursor: position, limit: 500 });
    bySync.push(...seqsOf(page.entries));
    ({ cursor: position, hasMore: more } = page);
  }
  expect(bySync).toEqual(seqs);
  anna.disconnect();
  ben.disconnect();
});
