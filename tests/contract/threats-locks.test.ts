import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import {
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
  untilSomeoneWaitsForALock,
} from '@natter/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let socket: TestSocket;
let held: Chat;
let other: Chat;
let holder: pg.Client;

beforeEach(async () => {
  server = await startTestServer();
  [anna, ben] = await Promise.all([server.user(), server.user()]);
  [held, other] = await Promise.all([anna.group([ben]), anna.group([ben])]);
  socket = await anna.connect();
  holder = new pg.Client({ connectionString: server.databaseUrl });
  await holder.connect();
});
afterEach(async () => {
  await holder.end();
  anna.disconnect();
  await server.stop();
});

async function hold(...chatIds: string[]): Promise<void> {
  await holder.query('begin');
  await holder.query('select from chats where id = any ($1) for no key update', [chatIds]);
}

/** How many connections waited at one time for what is held, or for who does, at most, until something was over. */
async function mostWaitingUntil(over: Promise<unknown>): Promise<number> {
  const watch = { most: 0, isOver: false };
  const end = over.finally(() => (watch.isOver = true));
  while (!watch.isOver) {
    const { rows } = await holder.query(
      `with recursive waiting as (
         select pid from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))
         union select a.pid from pg_stat_activity a join waiting w on w.pid = any (pg_blocking_pids(a.pid))
       )
       select from waiting`,
    );
    watch.most = Math.max(watch.most, rows.length);
  }
  await end;
  return watch.most;
}

it('T82 what changes a held chat is UNAVAILABLE, was not done, and succeeds when it is free', async () => {
  const sent = await socket.send(held.id, 'before');
  await hold(held.id);
  const { id: messageId } = sent;
  const attempts = () =>
    Promise.all([
      socket.answer('sendMessage', {
        chatId: held.id,
        clientMessageId: randomUUID(),
        text: 'another',
      }),
      socket.answer('editMessage', { messageId, text: 'after' }),
      socket.answer('addReaction', { messageId, emoji: '👍' }),
      socket.answer('pinMessage', { messageId }),
    ]);
  const refused = attempts();
  await untilSomeoneWaitsForALock(server.databaseUrl);
  for (const answer of await refused) {
    expect(answer).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE', retryable: true } });
  }
  const { body } = await anna.call('getChat', { params: { id: held.id } });
  expect(body.lastSeq).toBe(sent.seq);
  await holder.query('commit');
  expect((await attempts()).map(({ ok }) => ok)).toEqual([true, true, true, true]);
});

it('T82 what concerns one member of a held chat alone is done meanwhile', async () => {
  const { id: messageId, seq } = await socket.send(held.id, 'before');
  const atBen = await ben.connect();
  await hold(held.id);
  const stalled = socket.answer('editMessage', { messageId, text: 'after' });
  await untilSomeoneWaitsForALock(server.databaseUrl);
  await atBen.command('messageSeen', { chatId: held.id, seq });
  await atBen.command('setDraft', { chatId: held.id, text: 'begun' });
  await atBen.command('starMessage', { messageId });
  await atBen.command('deleteMessage', { messageId, scope: 'me' });
  await atBen.command('clearChat', { chatId: held.id, upToSeq: seq });
  const { body } = await ben.call('getChat', { params: { id: held.id } });
  expect(body.me).toMatchObject({ seenSeq: seq, unreadCount: 0, draft: { text: 'begun' } });
  await holder.query('commit');
  await stalled;
  ben.disconnect();
});

it('T82 however many changes wait for a held chat, they hold one connection, and other chats go on', async () => {
  const [{ id: messageId }, elsewhere] = await Promise.all([
    socket.send(held.id, 'before'),
    socket.send(other.id, 'before'),
  ]);
  await hold(held.id);
  const stalled = Array.from({ length: 30 }, (_, index) =>
    socket.answer('editMessage', { messageId, text: `edit ${index}` }),
  );
  const waiting = mostWaitingUntil(Promise.all(stalled));
  await untilSomeoneWaitsForALock(server.databaseUrl);
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      await anna.call('getHistory', { params: { id: held.id } });
      await anna.call('getHistory', { params: { id: other.id } });
      await socket.command('editMessage', { messageId: elsewhere.id, text: `edit ${index}` });
      await socket.send(other.id, `after ${index}`);
    }),
  );
  expect(await waiting).toBe(1);
  const answers = await Promise.all(stalled);
  expect(
    answers
      .map((answer) => (answer.ok ? 'ok' : answer.error.code))
      .filter((it) => it !== 'UNAVAILABLE'),
  ).toEqual([]);
});

it('T82 of many held chats changes take half of the connections at most, and reads have the rest', async () => {
  const chats = await Promise.all(Array.from({ length: 10 }, () => anna.group([ben])));
  const sent = await Promise.all(chats.map(({ id }) => socket.send(id, 'before')));
  await hold(...chats.map(({ id }) => id));
  const stalled = sent.map(({ id: messageId }) =>
    socket.answer('editMessage', { messageId, text: 'after' }),
  );
  const waiting = mostWaitingUntil(Promise.all(stalled));
  await untilSomeoneWaitsForALock(server.databaseUrl);
  for (const { id } of chats) {
    expect((await anna.call('getHistory', { params: { id } })).body.items).toHaveLength(2);
  }
  const most = await waiting;
  expect(most).toBeGreaterThanOrEqual(1);
  expect(most).toBeLessThanOrEqual(3);
});
