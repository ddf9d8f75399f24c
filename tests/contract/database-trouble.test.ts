import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Chat, CommandName, CommandOutput } from '@natter/protocol';
import {
  createTestDatabase,
  DatabaseProxy,
  queryDatabase,
  sendRequest,
  startTestServer,
  type TestDatabase,
  type TestServer,
  type TestSocket,
  type TestUser,
  untilSomeoneWaitsForALock,
} from '@natter/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

let database: TestDatabase;
let proxy: DatabaseProxy;
let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let chat: Chat;
let atAnna: TestSocket;
let atBen: TestSocket;

beforeEach(async () => {
  database = await createTestDatabase();
  proxy = await DatabaseProxy.start(database.url);
  server = await startTestServer({
    databaseUrl: proxy.url,
    databasePool: 4,
    databasePatience: { connectionMs: 3000, queryMs: 3000 },
  });
  ({ anna, ben, chat, atAnna, atBen } = await server.directChat());
  await atAnna.send(chat.id, 'before');
});
afterEach(async () => {
  anna.disconnect();
  ben.disconnect();
  await server.stop();
  proxy.close();
  await database.drop();
});

const send = (text: string) => ({ chatId: chat.id, clientMessageId: randomUUID(), text });

async function isReady(): Promise<boolean> {
  return (await sendRequest(server.url, 'getReadiness')).status === 200;
}

/** What fails meanwhile may be tried again, and says when. */
async function expectTrouble(): Promise<void> {
  const answers = await Promise.all([
    atAnna.answer('sendMessage', send('in vain')),
    atAnna.answer('sync', {}),
    atAnna.answer('joinChat', { chatId: chat.id }),
    atAnna.answer('setDraft', { chatId: chat.id, text: 'in vain' }),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({
      ok: false,
      error: { code: 'UNAVAILABLE', retryable: true, retryAfterMs: expect.any(Number) },
    });
  }
  const { status, headers, body } = await sendRequest(server.url, 'listChats', {
    token: anna.token,
  });
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await isReady()).toBe(false);
}

/** The same command until it is done, as a client does it. */
async function untilDone<K extends CommandName>(
  socket: TestSocket,
  name: K,
  input: object,
): Promise<CommandOutput<K>> {
  for (;;) {
    const answer = await socket.answer(name, input);
    if (answer.ok) return answer.data;
    expect(answer.error.retryable).toBe(true);
    await setTimeout(50);
  }
}

async function sendUntilStored(message: ReturnType<typeof send>): Promise<number> {
  return (await untilDone(atAnna, 'sendMessage', message)).message.seq;
}

async function expectAllWell(): Promise<void> {
  const message = send('after');
  const seq = await sendUntilStored(message);
  await atBen.next('newMessage', ({ text }) => text === 'after');
  while (!(await isReady())) await setTimeout(50);
  // A connection that was made in between may be of no use still.
  await untilDone(atBen, 'messageSeen', { chatId: chat.id, seq });
  await atAnna.command('sync', {});
  const texts = (await anna.readHistory(chat.id)).map(({ text }) => text);
  expect(texts.filter((text) => text === 'after')).toHaveLength(1);
  expect(texts).toContain('before');
  for (const { raw } of [atAnna, atBen]) expect(raw.connected).toBe(true);
}

it('G19 a database that stops is UNAVAILABLE while it is away, and served again without a restart', async () => {
  proxy.stopDatabase();
  await expectTrouble();
  proxy.recover();
  await expectAllWell();
});

it('G19 a database that falls silent holds nothing up for good: its connections are replaced', async () => {
  proxy.fallSilent();
  await expectTrouble();
  proxy.recover();
  await expectAllWell();
});

it('G19 a send whose answer was lost with the connection is stored once', async () => {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from chats where id = $1 for update', [chat.id]);
  const sent = sendUntilStored(send('cut off'));
  await untilSomeoneWaitsForALock(database.url);
  await holder.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name = 'natter'`,
  );
  await holder.query('commit');
  await holder.end();
  const seq = await sent;
  await expectAllWell();
  const log = await anna.readHistory(chat.id);
  expect(log.filter(({ text }) => text === 'cut off').map((message) => message.seq)).toEqual([seq]);
});

it('G19 a pool without a free connection is UNAVAILABLE, and sends go on', async () => {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('lock table stars in access exclusive mode');
  const lists = Array.from({ length: 12 }, () =>
    sendRequest(server.url, 'listStars', { token: anna.token }),
  );
  await untilSomeoneWaitsForALock(database.url);
  const { seq } = await atAnna.send(chat.id, 'meanwhile');
  expect(seq).toBeGreaterThan(1);
  for (const { status, body } of await Promise.all(lists)) {
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  }
  await holder.query('rollback');
  await holder.end();
  await expectAllWell();
});

it('G19 a primary that has become a standby is UNAVAILABLE, and left for the new one', async () => {
  const [{ name } = { name: '' }] = await queryDatabase<{ name: string }>(
    database.url,
    'select current_database() as name',
  );
  const setReadOnly = async (value: string) => {
    await queryDatabase(
      database.url,
      `alter database ${name} set default_transaction_read_only = ${value}`,
    );
    // Sessions that were there before keep to what they began with.
    await queryDatabase(
      database.url,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name = 'natter'`,
    );
  };
  await setReadOnly('on');
  const answer = await atAnna.answer('sendMessage', send('in vain'));
  expect(answer).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE', retryable: true } });
  const pool = new pg.Client({ connectionString: database.url });
  await pool.connect();
  await pool.query('set default_transaction_read_only = off');
  await pool.query(`alter database ${name} reset default_transaction_read_only`);
  await pool.end();
  await expectAllWell();
});
