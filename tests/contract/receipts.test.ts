import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import {
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
  untilSomeoneWaitsForALock,
} from '@natter/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

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

const receiptsOf = async (user: TestUser, id: string) =>
  (await user.call('getReceipts', { params: { id } })).body;
const marksOf = (view: Chat, user: TestUser) => {
  const member = view.participants?.find((participant) => participant.user.id === user.id);
  return member && [member.deliveredSeq, member.seenSeq];
};

it('RCPT-1 RCPT-2 delivered and then seen are told to the other and to own other devices, with times', async () => {
  const tablet = await (await ben.otherDevice()).connect();
  const sent = await atAnna.send(chat.id, 'one');
  await atAnna.send(chat.id, 'two');
  expect(await atBen.command('messageDelivered', { chatId: chat.id, seq: 2 })).toEqual({});
  const delivered = await atAnna.next('messageStatusUpdated');
  expect(delivered).toMatchObject({
    chatId: chat.id,
    updates: [{ userId: ben.id, status: 'delivered', seq: 2 }],
  });
  expect(await tablet.next('messageStatusUpdated')).toEqual(delivered);
  expect(await atBen.command('messageSeen', { messageId: sent.id })).toEqual({});
  const seen = await atAnna.next(
    'messageStatusUpdated',
    ({ updates }) => updates[0]?.status === 'seen',
  );
  expect(seen.updates).toMatchObject([{ userId: ben.id, status: 'seen', seq: 1 }]);
  expect(atBen.of('messageStatusUpdated')).toEqual([]);
  const view = await anna.readChat(chat.id);
  expect(marksOf(view, ben)).toEqual([2, 1]);
  expect((await ben.readChat(chat.id)).me).toMatchObject({
    deliveredSeq: 2,
    seenSeq: 1,
    unreadCount: 1,
  });
  expect(await receiptsOf(anna, sent.id)).toEqual({
    delivered: [{ userId: ben.id, at: delivered.updates[0]?.at }],
    seen: [{ userId: ben.id, at: seen.updates[0]?.at }],
  });
  tablet.close();
});

it('RCPT-1 marks never go back, seen implies delivered, and none is past the chat', async () => {
  for (const text of ['1', '2', '3']) await atAnna.send(chat.id, text);
  await ben.call('setMarks', { params: { id: chat.id }, body: { seenSeq: 2 } });
  expect((await ben.readChat(chat.id)).me).toMatchObject({
    deliveredSeq: 2,
    seenSeq: 2,
    unreadCount: 1,
  });
  await atBen.command('messageSeen', { chatId: chat.id, seq: 1 });
  await atBen.command('messageDelivered', { chatId: chat.id, seq: 1 });
  expect((await ben.readChat(chat.id)).me).toMatchObject({ deliveredSeq: 2, seenSeq: 2 });
  for (const bad of [4, -1, 1.5, '2', null, 2 ** 53]) {
    const error = await atBen.fail('messageSeen', { chatId: chat.id, seq: bad });
    expect(error).toMatchObject({ code: 'INVALID' });
  }
  const params = { id: chat.id };
  expect(await ben.fail('setMarks', { params, body: {} })).toMatchObject({ code: 'INVALID' });
  const body = { deliveredSeq: 3, seenSeq: 9 };
  expect(await ben.fail('setMarks', { params, body })).toMatchObject({ code: 'INVALID' });
  expect((await ben.readChat(chat.id)).me).toMatchObject({ deliveredSeq: 2, seenSeq: 2 });
  const both = { chatId: chat.id, seq: 1, messageId: randomUUID() };
  expect(await atBen.fail('messageSeen', both)).toMatchObject({ code: 'INVALID' });
});

it('RCPT-1 sending marks everything before as seen, and tells it where something was new', async () => {
  const sent = await atAnna.send(chat.id, 'one');
  const reply = await atBen.send(chat.id, 'two');
  const event = await atAnna.next('messageStatusUpdated');
  expect(event.updates).toMatchObject([{ userId: ben.id, status: 'seen', seq: 2 }]);
  expect((await ben.readChat(chat.id)).me).toMatchObject({ seenSeq: 2, unreadCount: 0 });
  const { seen } = await receiptsOf(anna, sent.id);
  expect(seen).toEqual([{ userId: ben.id, at: reply.createdAt }]);
  await atBen.send(chat.id, 'three');
  const last = await atBen.send(chat.id, 'four');
  await atAnna.next('newMessage', ({ id }) => id === last.id);
  expect(atAnna.of('messageStatusUpdated')).toHaveLength(1);
  expect((await receiptsOf(anna, sent.id)).seen).toEqual(seen);
});

it('G9 RCPT-1 three devices race with random marks over both doors: nothing goes back', async () => {
  for (let index = 0; index < 20; index += 1) await atAnna.send(chat.id, String(index));
  const tablet = await (await ben.otherDevice()).connect();
  const numbers = Array.from({ length: 60 }, (_, index) => 1 + ((index * 7) % 20));
  await Promise.all(
    numbers.map((seq, index) =>
      index % 3 === 0
        ? ben.call('setMarks', { params: { id: chat.id }, body: { seenSeq: seq } })
        : (index % 3 === 1 ? atBen : tablet).command('messageSeen', { chatId: chat.id, seq }),
    ),
  );
  await atAnna.until(
    () => atAnna.of('messageStatusUpdated').some(({ updates }) => updates.at(-1)?.seq === 20),
    'the last mark',
  );
  const seqs = atAnna.of('messageStatusUpdated').map(({ updates }) => Number(updates.at(-1)?.seq));
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect((await ben.readChat(chat.id)).me).toMatchObject({ seenSeq: 20, unreadCount: 0 });
  tablet.close();
});

it('T34 RCPT-1 a stranger moves no marks and learns nothing', async () => {
  const sent = await atAnna.send(chat.id, 'one');
  const stranger = await server.user();
  const atStranger = await stranger.connect();
  for (const payload of [{ chatId: chat.id, seq: 1 }, { messageId: sent.id }]) {
    for (const command of ['messageSeen', 'messageDelivered'] as const) {
      expect(await atStranger.fail(command, payload)).toMatchObject({ code: 'NOT_FOUND' });
    }
  }
  const forged = { chatId: chat.id, seq: 1, userId: ben.id };
  await atAnna.command('messageSeen', forged);
  expect((await ben.readChat(chat.id)).me?.seenSeq).toBe(0);
  stranger.disconnect();
});

it('RCPT-1 with privacy seen: false one neither shows nor sees what is seen', async () => {
  await ben.call('updateProfile', { body: { privacy: { seen: false } } });
  const sent = await atAnna.send(chat.id, 'one');
  await atBen.command('messageSeen', { chatId: chat.id, seq: 1 });
  const told = await atAnna.next('messageStatusUpdated');
  expect(told.updates).toMatchObject([{ status: 'delivered', seq: 1 }]);
  const member = (await anna.readChat(chat.id)).participants?.find(
    ({ user }) => user.id === ben.id,
  );
  expect(member).toMatchObject({ deliveredSeq: 1, seenSeq: 0, seenHidden: true });
  expect(await receiptsOf(anna, sent.id)).toMatchObject({
    delivered: [{ userId: ben.id }],
    seen: [],
  });
  const answer = await atBen.send(chat.id, 'two');
  await atAnna.command('messageSeen', { chatId: chat.id, seq: 2 });
  const received = await atBen.next('messageStatusUpdated');
  expect(received.updates).toMatchObject([{ userId: anna.id, status: 'delivered', seq: 2 }]);
  expect(await receiptsOf(ben, answer.id)).toMatchObject({ seen: [] });
  expect((await ben.readChat(chat.id)).me?.seenSeq).toBe(2);
  const { entries } = await atBen.command('sync', { cursor: await cursorBefore() });
  const statuses = entries.flatMap((entry) =>
    entry.event === 'messageStatusUpdated' ? entry.payload.updates : [],
  );
  expect(statuses.filter(({ userId }) => userId === anna.id)).toMatchObject([
    { status: 'delivered' },
  ]);

  async function cursorBefore(): Promise<string> {
    const cursor = await atBen.cursor();
    await atAnna.send(chat.id, 'three');
    await atAnna.send(chat.id, 'four');
    await atBen.send(chat.id, 'five');
    await atAnna.command('messageSeen', { chatId: chat.id, seq: 5 });
    return cursor;
  }
});

it('RCPT-1 receipts leave out the sender and who joined later', async () => {
  const group = await anna.group([ben], { visibility: 'public' });
  const sent = await atAnna.send(group.id, 'one');
  const late = await server.user();
  await late.call('joinGroup', { params: { id: group.id } });
  const atLate = await late.connect();
  await atLate.send(group.id, 'hello');
  await atBen.command('messageSeen', { messageId: sent.id });
  const receipts = await receiptsOf(anna, sent.id);
  expect(receipts.delivered.map(({ userId }) => userId)).toEqual([ben.id]);
  expect(receipts.seen.map(({ userId }) => userId)).toEqual([ben.id]);
  late.disconnect();
});

it('SYNC-1 marks that moved since come last, and page by page', async () => {
  const others = await Promise.all([server.user(), server.user(), server.user()]);
  const chats = [];
  for (const other of others) chats.push(await anna.direct(other));
  for (const { id } of chats) await atAnna.send(id, 'hello');
  const cursor = await atAnna.cursor();
  for (const [index, other] of others.entries()) {
    const id = chats[index]?.id ?? '';
    await other.call('setMarks', { params: { id }, body: { seenSeq: 1 } });
  }
  const all = await atAnna.command('sync', { cursor });
  // Entries of before may come again, where a transaction was open when the cursor was made.
  const first = all.entries.findIndex(({ event }) => event === 'messageStatusUpdated');
  const marks = all.entries.slice(first);
  expect(marks.map(({ event }) => event)).toEqual(Array(3).fill('messageStatusUpdated'));
  const told: unknown[] = [];
  let position = cursor;
  for (let more = true; more;) {
    const page = await atAnna.command('sync', { cursor: position, limit: 1 });
    expect(page.entries.length).toBeLessThanOrEqual(1);
    told.push(...page.entries);
    ({ cursor: position, hasMore: more } = page);
  }
  expect(told).toEqual(expect.arrayContaining(marks));
  expect(told.slice(-3)).toEqual(marks);
});

it('CHAT-4 a chat that is marked unread is so until the seen mark moves', async () => {
  await atAnna.send(chat.id, 'one');
  await atBen.command('messageSeen', { chatId: chat.id, seq: 1 });
  const params = { id: chat.id };
  await ben.call('setPreferences', { params, body: { markedUnread: true } });
  expect((await ben.readChat(chat.id)).me?.markedUnread).toBe(true);
  await atAnna.send(chat.id, 'two');
  expect((await ben.readChat(chat.id)).me?.markedUnread).toBe(true);
  await atBen.command('messageSeen', { chatId: chat.id, seq: 2 });
  expect((await ben.readChat(chat.id)).me).not.toHaveProperty('markedUnread');
  const { body } = await ben.call('listChats', { query: { filter: 'unread' } });
  expect(body.items).toEqual([]);
});

it('RCPT-2 T83 in a group of 1,024 rows and events follow the marks moved, not messages times members', async () => {
  const [cleo, dora, emil] = await Promise.all([server.user(), server.user(), server.user()]);
  const [atCleo, atDora, atEmil] = await Promise.all([
    cleo.connect(),
    dora.connect(),
    emil.connect(),
  ]);
  const group = await anna.group([ben, cleo, dora, emil]);
  await queryDatabase(
    server.databaseUrl,
    `with people as (
       insert into users (id, username, display_name, password_hash)
       select gen_random_uuid(), 'crowd-' || left(gen_random_uuid()::text, 20), 'Somebody', '' from generate_series(1, 1019)
       returning id
     ), streams as (insert into user_streams (user_id) select id from people), joined as (
       insert into members (chat_id, user_id, role, joined_seq) select $1, id, 'member', 1 from people
     ), marked as (insert into marks (chat_id, user_id) select $1, id from people)
     update chats set member_count = 1024 where id = $1`,
    [group.id],
  );
  const before = await historyRows(group.id);
  for (let index = 0; index < 50; index += 1) await atAnna.send(group.id, String(index));
  expect(await historyRows(group.id)).toBe(before);

  const startedAt = performance.now();
  const moves = [
    { user: ben, socket: atBen, seqs: Array.from({ length: 30 }, (_, index) => 22 + index) },
    { user: dora, socket: atDora, seqs: [10, 20, 30, 40, 51] },
    { user: emil, socket: atEmil, seqs: [3, 51] },
  ];
  await Promise.all(
    moves.map(async ({ socket, seqs }) => {
      for (const seq of seqs) await socket.command('messageSeen', { chatId: group.id, seq });
    }),
  );
  expect(await historyRows(group.id)).toBe(before + 37);
  const told = () => atAnna.of('messageStatusUpdated');
  const isTold = (user: TestUser) =>
    told().some(({ updates }) =>
      updates.some((it) => it.userId === user.id && it.status === 'seen' && it.seq === 51),
    );
  await atAnna.until(() => moves.every(({ user }) => isTold(user)), 'the last marks of all');
  const seconds = Math.floor((performance.now() - startedAt) / 1000);
  expect(told().length).toBeLessThanOrEqual(seconds + 1);
  // Who has no message in what was seen is told nothing, whether or not he has marks of his own.
  const last = await atAnna.send(group.id, 'the last');
  for (const socket of [atCleo, atBen, atDora, atEmil]) {
    await socket.next('newMessage', ({ id }) => id === last.id);
    expect(socket.of('messageStatusUpdated')).toEqual([]);
  }
  for (const user of [cleo, dora, emil]) user.disconnect();
});

it('RCPT-1 RCPT-2 in a large group, too, who does not show what he has seen is told of what was delivered alone', async () => {
  const cleo = await server.user();
  const group = await anna.group([ben, cleo]);
  await queryDatabase(server.databaseUrl, 'update chats set member_count = 33 where id = $1', [
    group.id,
  ]);
  await ben.call('updateProfile', { body: { privacy: { seen: false } } });
  await atAnna.send(group.id, 'one');
  await atBen.send(group.id, 'two');
  await cleo.call('setMarks', { params: { id: group.id }, body: { seenSeq: 3 } });
  const ofCleo = ({ updates }: { updates: { userId: string }[] }) => updates[0]?.userId === cleo.id;
  expect(await atAnna.next('messageStatusUpdated', ofCleo)).toMatchObject({
    updates: [{ status: 'seen', seq: 3 }],
  });
  expect(await atBen.next('messageStatusUpdated', ofCleo)).toMatchObject({
    updates: [{ status: 'delivered', seq: 3 }],
  });
});

async function historyRows(chatId: string): Promise<number> {
  const [row] = await queryDatabase<{ count: string }>(
    server.databaseUrl,
    'select count(*) from mark_history where chat_id = $1',
    [chatId],
  );
  return Number(row?.count);
}

it('RCPT-2 a mark in a chat that a socket does not have yet comes after the chat', async () => {
  const { body: open } = await anna.call('createChat', {
    body: { type: 'group', title: 'Open', memberIds: [], visibility: 'public' },
  });
  const tablet = await ben.otherDevice();
  const holder = new pg.Client({ connectionString: server.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  // What is read last for a chat that is shown, and not at all for a mark.
  await holder.query('lock table stars in access exclusive mode');
  const joined = ben.call('joinGroup', { params: { id: open.id }, body: {} });
  await untilSomeoneWaitsForALock(server.databaseUrl);
  await tablet.call('setMarks', { params: { id: open.id }, body: { seenSeq: 2 } });
  await atAnna.next('messageStatusUpdated');
  expect(atBen.of('chatAdded')).toEqual([]);
  await holder.query('rollback');
  await holder.end();
  await joined;
  await atBen.next('messageStatusUpdated', ({ chatId }) => chatId === open.id);
  const names = atBen.received.map(({ event }) => event);
  const expected = ['chatAdded', 'messageStatusUpdated'];
  expect(names.filter((name) => expected.includes(name))).toEqual(expected);
});
