import { randomUUID } from 'node:crypto';
import type { Chat, Message } from '@natter/protocol';
import {
  createTestDatabase,
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

const HOUR = 3_600_000;

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let chat: Chat;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
beforeEach(async () => {
  ({ anna, ben, chat, atAnna, atBen } = await server.directChat());
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

const setTimer = (user: TestUser, messageTtlMs: number | null, id: string = chat.id) =>
  user.call('updateChat', { params: { id }, body: { messageTtlMs } });
/** The hour passes, for this message. */
const expire = ({ id }: Message) =>
  queryDatabase(
    server.databaseUrl,
    `update messages set expires_at = expires_at - interval '1 hour' where id = $1`,
    [id],
  );
const params = () => ({ id: chat.id });

it('MSG-7 a timer holds for messages sent after it was set, and is told by a system message', async () => {
  const before = await atAnna.send(chat.id, 'for ever');
  const { body } = await setTimer(ben, HOUR);
  expect(body.messageTtlMs).toBe(HOUR);
  const told = await atAnna.next('newMessage');
  expect(told).toMatchObject({
    kind: 'system',
    senderId: ben.id,
    system: { type: 'chatUpdated', changes: { messageTtlMs: HOUR } },
  });
  expect(told).not.toHaveProperty('expiresAt');
  const timed = await atAnna.send(chat.id, 'for an hour');
  expect(Date.parse(timed.expiresAt ?? '') - Date.parse(timed.createdAt)).toBe(HOUR);
  expect(before).not.toHaveProperty('expiresAt');
  await setTimer(anna, null);
  expect(await atAnna.send(chat.id, 'for ever again')).not.toHaveProperty('expiresAt');
  const { body: after } = await anna.call('getChat', { params: params() });
  expect(after).not.toHaveProperty('messageTtlMs');
});

it('MSG-7 CHAT-2 is set by both of a direct chat, in a group by who edits its info, and must be sensible', async () => {
  const group = await anna.group([ben]);
  const fail = (user: TestUser, id: string, body: object) =>
    user.fail('updateChat', { params: { id }, body });
  expect(await fail(ben, group.id, { messageTtlMs: HOUR })).toMatchObject({ code: 'FORBIDDEN' });
  await setTimer(anna, HOUR, group.id);
  const both = { messageTtlMs: HOUR, title: 'x' };
  expect(await fail(anna, chat.id, both)).toMatchObject({ code: 'FORBIDDEN' });
  for (const messageTtlMs of [0, -1, 1.5, '1000', 1e15]) {
    expect(await fail(anna, chat.id, { messageTtlMs })).toMatchObject({ code: 'INVALID' });
  }
});

it('MSG-7 SYNC-4 SRCH-1 from its time on no answer shows the message, its entries are skipped, and there is no event', async () => {
  await setTimer(anna, HOUR);
  const kept = await atBen.send(chat.id, 'soon gone, but not yet');
  const cursor = await atBen.cursor();
  const clientMessageId = randomUUID();
  const timed = await atAnna.send(chat.id, 'a whisper', { clientMessageId });
  const reply = await atBen.send(chat.id, 'yes', { replyToId: timed.id });
  await atBen.command('addReaction', { messageId: timed.id, emoji: '👍' });
  await atBen.command('pinMessage', { messageId: timed.id });
  await atBen.command('starMessage', { messageId: timed.id });
  const found = async () =>
    (await ben.call('searchMessages', { query: { query: 'whisper' } })).body.items.length;
  await expect.poll(found, { timeout: 30_000 }).toBe(1);
  await expire(timed);
  expect(await found()).toBe(0);
  const events = atBen.received.length;

  const { body: history } = await ben.call('getHistory', { params: params() });
  expect(history.items.map(({ id }) => id)).toEqual([history.items[0]?.id, kept.id, reply.id]);
  expect(history.items.at(-1)?.replyTo).toEqual({
    messageId: timed.id,
    senderId: anna.id,
    kind: 'text',
  });
  for (const route of ['listPins', 'listStars'] as const) {
    expect((await ben.call(route, { params: params() })).body.items).toEqual([]);
  }
  const { body: log } = await ben.call('getLog', { params: params() });
  const skipped = log.entries.flatMap(({ event, payload }) =>
    event === 'entrySkipped' ? [payload] : [],
  );
  expect(skipped).toEqual([
    { chatId: chat.id, seq: 3 },
    { chatId: chat.id, seq: 5, toSeq: 6 },
  ]);
  expect(JSON.stringify((await atBen.command('sync', { cursor })).entries)).not.toContain(
    'whisper',
  );
  for (const [name, payload] of [
    ['editMessage', { messageId: timed.id, text: 'x' }],
    ['addReaction', { messageId: timed.id, emoji: '😀' }],
    ['starMessage', { messageId: timed.id }],
    [
      'sendMessage',
      { chatId: chat.id, clientMessageId: randomUUID(), text: 'x', replyToId: timed.id },
    ],
  ] as const) {
    expect(await atAnna.fail(name, payload)).toMatchObject({ code: 'NOT_FOUND' });
  }
  const again = { chatId: chat.id, clientMessageId, text: 'a whisper' };
  const { message, duplicate } = await atAnna.command('sendMessage', again);
  expect({ message, duplicate }).toMatchObject({
    duplicate: true,
    message: { id: timed.id, seq: 3 },
  });
  expect(message).not.toHaveProperty('text');
  expect(atBen.received.slice(events)).toEqual([]);
});

it('MSG-7 CHAT-4 counts, previews and lastMessage are right afterwards', async () => {
  await setTimer(anna, HOUR);
  const first = await atAnna.send(chat.id, 'one');
  const second = await atAnna.send(chat.id, 'two');
  const view = async () => (await ben.call('getChat', { params: params() })).body;
  expect(await view()).toMatchObject({ lastMessage: { id: second.id }, me: { unreadCount: 2 } });
  await expire(second);
  expect(await view()).toMatchObject({ lastMessage: { id: first.id }, me: { unreadCount: 1 } });
  await atAnna.command('deleteMessage', { messageId: first.id, scope: 'everyone' });
  await expire(first);
  const gone = await view();
  expect(gone).toMatchObject({ lastMessage: { kind: 'system' }, me: { unreadCount: 0 } });
  const { body } = await ben.call('listChats', { query: { filter: 'unread' } });
  expect(body.items).toEqual([]);
});

/** A running server sweeps every 30 s: what is purged sooner was purged by the one that has just started. */
const BEFORE_THE_NEXT_SWEEP = { timeout: 20_000 };

/** What is left of messages, and of what hung on them. */
const leftOf = (databaseUrl: string, ids: readonly string[]) =>
  queryDatabase(
    databaseUrl,
    `select count(*) filter (where purged)::integer as purged,
       count(coalesce(
         text, encrypted, mentions::text, reply_to_id::text, reply_to_seq::text, pinned_at::text
       ))::integer as holding,
       sum((select count(*) from reactions r where r.chat_id = m.chat_id and r.seq = m.seq))::integer as reactions,
       sum((select count(*) from stars s where s.chat_id = m.chat_id and s.seq = m.seq))::integer as stars,
       sum((select count(*) from search_tokens t where t.chat_id = m.chat_id and t.seq = m.seq))::integer as indexed
     from messages m where id = any ($1)`,
    [ids],
  );

const nothingLeft = { holding: 0, reactions: 0, stars: 0, indexed: 0 };

it('MSG-7 what expired messages held is purged, also where the server was down when they expired', async () => {
  const database = await createTestDatabase();
  const first = await startTestServer({ databaseUrl: database.url });
  const [cleo, dora] = await Promise.all([first.user(), first.user()]);
  const { id: chatId } = await cleo.direct(dora);
  const [atCleo, atDora] = await Promise.all([cleo.connect(), dora.connect()]);
  const kept = await atDora.send(chatId, 'for ever');
  await setTimer(cleo, HOUR, chatId);
  const text = await atCleo.send(chatId, 'a canary', { mentions: [dora.id] });
  const { message: encrypted } = await atCleo.command('sendEncryptedMessage', {
    chatId,
    clientMessageId: randomUUID(),
    encrypted: { scheme: 'test', ciphertext: 'AAAA' },
  });
  const reply = await atDora.send(chatId, 'yes', { replyToId: text.id });
  const ids = [text.id, encrypted.id, reply.id];
  for (const messageId of ids) {
    await atDora.command('addReaction', { messageId, emoji: '👍' });
    await atDora.command('starMessage', { messageId });
    await atDora.command('pinMessage', { messageId });
  }
  const left = { purged: 0, holding: 3, reactions: 3, stars: 3, indexed: 2 };
  await expect.poll(() => leftOf(database.url, ids), { timeout: 30_000 }).toEqual([left]);
  for (const user of [cleo, dora]) user.disconnect();
  await first.stop();

  await queryDatabase(database.url, 'update messages set expires_at = now() where id = any ($1)', [
    ids,
  ]);
  expect(await leftOf(database.url, ids)).toEqual([left]);
  const second = await startTestServer({ databaseUrl: database.url });
  await expect
    .poll(() => leftOf(database.url, ids), BEFORE_THE_NEXT_SWEEP)
    .toEqual([{ ...nothingLeft, purged: 3 }]);
  const there = new TestUser(second.url, dora.session);
  const { body } = await there.call('getHistory', { params: { id: chatId } });
  expect(body.items.map(({ id }) => id)).toEqual([kept.id, expect.any(String)]);
  await second.stop();
  await database.drop();
});

it('MSG-7 T82 more expired messages than one transaction purges are purged while sends go on', async () => {
  const EXPIRED = 1200;
  const database = await createTestDatabase();
  const busy = await startTestServer({ databaseUrl: database.url, rateLimits: false });
  const [cleo, dora] = await Promise.all([busy.user(), busy.user()]);
  const { id: chatId } = await cleo.direct(dora);
  const rows = await queryDatabase<{ id: string }>(
    database.url,
    `with head as (
       update chats set last_seq = last_seq + $3::int, last_ordinal = last_ordinal + $3::int where id = $1
       returning last_seq - $3::int as seq, last_ordinal - $3::int as ordinal
     ), expired as (
       insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at, expires_at)
       select $1, seq + n, ordinal + n, gen_random_uuid(), 'text', $2, 'gone', now(), now()
       from head, generate_series(1, $3::int) n
       returning id, seq
     ), reacted as (
       insert into reactions (chat_id, seq, emoji, user_id) select $1, seq, '👍', $2 from expired
     )
     select id from expired`,
    [chatId, cleo.id, EXPIRED],
  );
  const ids = rows.map(({ id }) => id);
  const [atCleo, atDora] = await Promise.all([cleo.connect(), dora.connect()]);
  const [sweeper, sent] = await Promise.all([
    startTestServer({ databaseUrl: database.url }),
    sendUntilPurged(),
  ]);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.map(({ seq }) => seq)).toEqual(sent.map((_, index) => EXPIRED + 1 + index));
  await atDora.until(() => atDora.texts(chatId).length === sent.length, 'every text');
  expect(await leftOf(database.url, ids)).toEqual([{ ...nothingLeft, purged: EXPIRED }]);
  for (const user of [cleo, dora]) user.disconnect();
  await Promise.all([busy.stop(), sweeper.stop()]);
  await database.drop();

  async function sendUntilPurged(): Promise<Message[]> {
    const sent: Message[] = [];
    const send = async () => {
      sent.push(await atCleo.send(chatId, `text ${sent.length}`));
      return leftOf(database.url, ids);
    };
    await expect
      .poll(send, { ...BEFORE_THE_NEXT_SWEEP, interval: 1 })
      .toEqual([{ ...nothingLeft, purged: EXPIRED }]);
    return sent;
  }
});
