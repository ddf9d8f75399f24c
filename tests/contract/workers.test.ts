import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Chat } from '@natter/protocol';
import {
  ChildServer,
  freePorts,
  freshName,
  TestPushService,
  TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';

const WORKERS = 3;
/** So many that they are on different workers, whoever is connected to which. */
const SOCKETS = 4 * WORKERS;

let server: ChildServer;
let metricsPort: number;
let anna: TestUser;
let ben: TestUser;
let chat: Chat;
let sockets: TestSocket[] = [];

beforeAll(async () => {
  metricsPort = await freePorts(WORKERS);
  server = await ChildServer.prepare({
    NATTER_WORKERS: String(WORKERS),
    DATABASE_POOL: '4',
    METRICS_PORT: String(metricsPort),
    NATTER_ACCESS_TOKEN_SECONDS: '86400',
    NATTER_PUSH_LOOPBACK: 'on',
    NATTER_PUSH_GRACE_SECONDS: '0',
  });
  await server.start();
  // It is ready with the first of them.
  await vi.waitFor(socketsByWorker, { timeout: 30_000, interval: 50 });
});
afterAll(() => server.dispose());
beforeEach(async () => {
  anna = await TestUser.register(server.url, freshName());
  ben = await TestUser.register(server.url, freshName());
  chat = await anna.direct(ben);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function connect(user: TestUser, transports: readonly string[]): Promise<TestSocket> {
  const socket = await TestSocket.connect(server.url, { token: user.token }, { transports });
  sockets.push(socket);
  return socket;
}

function connectMany(user: TestUser, transports: readonly string[]): Promise<TestSocket[]> {
  return Promise.all(Array.from({ length: SOCKETS }, () => connect(user, transports)));
}

async function expectAllToHear(from: TestSocket, listeners: readonly TestSocket[]): Promise<void> {
  const text = randomUUID();
  await from.send(chat.id, text);
  for (const listener of listeners) {
    await listener.next('newMessage', (message) => message.text === text);
  }
}

async function socketsByWorker(): Promise<number[]> {
  const ports = Array.from({ length: WORKERS }, (_, slot) => metricsPort + slot);
  const texts = await Promise.all(
    ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
  );
  return texts.map((text) =>
    Number(/^natter_connections\{kind="authenticated"\} (\d+)$/m.exec(text)?.[1]),
  );
}

it('all serve behind one port, and what one commits comes to the sockets of the others at once', async () => {
  const [atAnna] = await connectMany(anna, ['websocket']);
  const listeners = await connectMany(ben, ['websocket']);
  expect((await socketsByWorker()).filter((count) => count > 0)).toHaveLength(WORKERS);
  if (!atAnna) throw new Error('Nobody is connected');
  await expectAllToHear(atAnna, listeners);
  await atAnna.command('typing', { chatId: chat.id });
  for (const listener of listeners) await listener.next('typing');
});

it('PUSH-3 a device that is connected to one worker is not alerted by the others', async () => {
  const service = await TestPushService.start();
  const laptop = await service.subscription().of(await ben.otherDevice());
  const phone = await service.subscription().of(ben);
  const atAnna = await connectMany(anna, ['websocket']);
  const atBen = await connect(ben, ['websocket']);
  for (const socket of atAnna) {
    await socket.next('userOnline', ({ userId }) => userId === ben.id);
  }
  for (const socket of atAnna) {
    const { seq } = await socket.send(chat.id, randomUUID());
    while (!laptop.alerted.includes(seq)) await setTimeout(10);
  }
  expect(phone.received).toEqual([]);
  atBen.close();
  while (phone.received.length === 0) await atAnna[0]?.send(chat.id, randomUUID());
  await service.stop();
});

it('clients that poll, and those that upgrade from polling, are served by the worker that knows them', async () => {
  const atAnna = await connect(anna, ['polling']);
  const polling = await connectMany(ben, ['polling']);
  const upgrading = await connectMany(ben, ['polling', 'websocket']);
  await expectAllToHear(atAnna, [...polling, ...upgrading]);
  for (const socket of upgrading) {
    while (socket.raw.io.engine.transport.name !== 'websocket') await setTimeout(10);
  }
  await expectAllToHear(atAnna, [...polling, ...upgrading]);
  for (const socket of polling) {
    expect(socket.raw.io.engine.transport.name).toBe('polling');
    expect((await socket.send(chat.id, 'an answer')).chatId).toBe(chat.id);
  }
});

it('a session of a worker that is gone, or never was, is unknown and not an error', async () => {
  for (const sid of ['999~abc', '../../etc~x', '1~abc', `${'9'.repeat(300)}~x`]) {
    const path = `/socket.io/?EIO=4&transport=polling&sid=${encodeURIComponent(sid)}`;
    const response = await fetch(server.url + path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 1 });
  }
});

it('DUR-1 a worker that dies is replaced, what it acknowledged is there, and its clients come back', async () => {
  const before = server.workerProcessIds();
  expect(before).toHaveLength(WORKERS);
  const atAnna = await connectMany(anna, ['websocket']);
  const sent = await Promise.all(atAnna.map((socket) => socket.send(chat.id, randomUUID())));
  const [victim] = before;
  process.kill(Number(victim), 'SIGKILL');
  while (server.workerProcessIds().filter((id) => !before.includes(id)).length === 0) {
    await setTimeout(20);
  }
  const cut = atAnna.filter(({ raw }) => raw.disconnected).length;
  expect(cut).toBeLessThan(SOCKETS);
  await server.untilReady();
  const [again] = await connectMany(anna, ['websocket']);
  expect(server.workerProcessIds()).toHaveLength(WORKERS);
  const seqs = (await ben.readHistory(chat.id)).map(({ seq }) => seq);
  expect(seqs).toEqual(expect.arrayContaining(sent.map(({ seq }) => seq)));
  if (!again) throw new Error('Nobody is connected');
  await expectAllToHear(
    again,
    sockets.filter(({ raw }) => raw.connected && raw !== again.raw),
  );
});

it('G26 SIGTERM drains all of them and stops the database', async () => {
  const atBen = await connectMany(ben, ['websocket']);
  const workers = server.workerProcessIds();
  expect(await server.kill('SIGTERM')).toBe(0);
  for (const socket of atBen) {
    await socket.until(() => socket.raw.disconnected, 'the end');
    expect(socket.of('serverDraining')).toHaveLength(1);
  }
  for (const id of workers) expect(() => process.kill(id, 0)).toThrow('ESRCH');
  await server.start();
  expect((await ben.readChat(chat.id)).id).toBe(chat.id);
});

it('workers end with the process that started them, and the next start serves what they stored', async () => {
  const atAnna = await connect(anna, ['websocket']);
  const { seq } = await atAnna.send(chat.id, 'the last word');
  const workers = server.workerProcessIds();
  await server.kill('SIGKILL');
  await atAnna.until(() => atAnna.raw.disconnected, 'the end');
  const isRunning = (id: number): boolean => {
    try {
      return process.kill(id, 0);
    } catch {
      return false;
    }
  };
  while (workers.some(isRunning)) await setTimeout(20);
  await server.start();
  expect((await ben.readHistory(chat.id)).at(-1)).toMatchObject({ seq, text: 'the last word' });
});

it('workers that cannot start stop everything, and the reason is told', async () => {
  const astray = await ChildServer.prepare({
    NATTER_WORKERS: '2',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  });
  await expect(astray.start()).rejects.toThrow(/ECONNREFUSED/);
  await astray.dispose();
});
