import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Chat } from '@natter/protocol';
import {
  createTestDatabase,
  freePort,
  type PushResponse,
  queryDatabase,
  startTestServer,
  type TestDatabase,
  TestPushService,
  type TestServer,
  type TestSubscription,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

const PATIENCE = { timeout: 30_000 };
/** Longer than any test takes. */
const LONG_MS = 120_000;
const push = { loopback: true, graceMs: 0, retryMs: 50, timeoutMs: 1000 };

let database: TestDatabase;
let service: TestPushService;
let server: TestServer;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  service = await TestPushService.start();
  server = await startTestServer({ databaseUrl: database.url, push });
});
afterEach(async () => {
  await server.stop();
  await service.stop();
  // What one test leaves waiting is not for the next.
  await queryDatabase(database.url, 'delete from push_subscriptions');
});

interface Scene {
  readonly anna: TestUser;
  readonly ben: TestUser;
  readonly chat: Chat;
  readonly phone: TestSubscription;
}

async function scene(response?: PushResponse): Promise<Scene> {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chat = await anna.direct(ben);
  return { anna, ben, chat, phone: await service.subscription(response).of(ben) };
}

async function untilAlerted(phone: TestSubscription, seqs: readonly number[]): Promise<void> {
  await expect.poll(() => phone.alerted, PATIENCE).toEqual(seqs);
}

async function restart(overrides: Partial<typeof push> & { concurrency?: number } = {}) {
  await server.stop();
  server = await startTestServer({ databaseUrl: database.url, push: { ...push, ...overrides } });
}

const waiting = () =>
  queryDatabase<{ attempts: number }>(
    database.url,
    'select attempts from push_alerts where due_at is not null',
  );

it.each<{ status: number; headers?: Record<string, string> }>([
  { status: 500 },
  { status: 503, headers: { 'retry-after': '1' } },
  { status: 429, headers: { 'retry-after': '1' } },
  { status: 429 },
])(
  'PUSH-3 G24 what a service does not take is tried again: %j',
  async ({ status, headers = {} }) => {
    const { anna, chat, phone } = await scene((response) => {
      phone.response = { status: 201 };
      response.writeHead(status, { ...headers }).end();
    });
    await anna.say(chat.id);
    await untilAlerted(phone, [1, 1]);
    const [first, second] = phone.received.map(({ at }) => at);
    const asked = Number(headers['retry-after'] ?? 0) * 1000;
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(asked);
    await anna.say(chat.id);
    await untilAlerted(phone, [1, 1, 2]);
  },
);

it('PUSH-3 a service that cannot be reached is told later, of the newest alone', async () => {
  const { anna, ben, chat } = await scene();
  const port = await freePort();
  const gone = service.subscription();
  const endpoint = `http://127.0.0.1:${port}${new URL(gone.endpoint).pathname}`;
  await ben.call('subscribeToPush', { body: { ...gone.json, endpoint } });
  const { id } = await anna.group([ben]);
  for (let count = 0; count < 20; count += 1) await anna.say(chat.id);
  const { seq } = await anna.say(id);
  await expect.poll(async () => (await waiting()).length, PATIENCE).toBe(2);
  // Back again: a relay to where the service is.
  const relay = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const { status } = await fetch(`${service.url}${request.url}`, {
        method: 'POST',
        body: Buffer.concat(chunks),
      });
      response.writeHead(status).end();
    })();
  }).listen(port, '127.0.0.1');
  await once(relay, 'listening');
  await expect.poll(() => gone.alerted.toSorted((a, b) => a - b), PATIENCE).toEqual([seq, 20]);
  expect(await waiting()).toEqual([]);
  relay.closeAllConnections();
  relay.close();
});

it('PUSH-3 T71 G24 no redirection is followed, and no refusal is tried again', async () => {
  let requests = 0;
  const inside = createServer((_, response) => {
    requests += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const address = inside.address();
  const location = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
  for (const status of [301, 302, 303, 307, 308, 400, 403, 413]) {
    const { anna, chat, phone } = await scene({ status, headers: { location } });
    await anna.say(chat.id);
    await untilAlerted(phone, [1]);
    phone.response = { status: 201 };
    await anna.say(chat.id);
    await untilAlerted(phone, [1, 2]);
  }
  expect(await waiting()).toEqual([]);
  expect(requests).toBe(0);
  inside.close();
});

it.each<[string, PushResponse]>([
  ['hangs', 'hang'],
  [
    'hangs up',
    (response) => {
      response.destroy();
    },
  ],
  [
    'answers no HTTP',
    (response) => {
      response.socket?.end('nonsense\r\n\r\n');
    },
  ],
])('PUSH-3 T72 G24 a service that %s is not told twice', async (_, response) => {
  const { anna, chat, phone } = await scene(response);
  const other = await scene();
  await anna.say(chat.id);
  await untilAlerted(phone, [1]);
  // Others are told meanwhile.
  await other.anna.say(other.chat.id);
  await untilAlerted(other.phone, [1]);
  phone.response = { status: 201 };
  await anna.say(chat.id);
  await untilAlerted(phone, [1, 2]);
  expect(await waiting()).toEqual([]);
});

it('PUSH-3 T72 an answer without an end is cut off', async () => {
  await restart({ timeoutMs: LONG_MS });
  let isCut = false;
  const { anna, chat, phone } = await scene((response) => {
    response.writeHead(201, { 'content-length': '1000000000000' });
    const more = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
    response.on('close', () => {
      clearInterval(more);
      isCut = true;
    });
  });
  await anna.say(chat.id);
  await expect.poll(() => isCut, PATIENCE).toBe(true);
  phone.response = (response) => {
    response.writeHead(201, { 'x-long': 'x'.repeat(100_000) }).end();
  };
  await anna.say(chat.id);
  await untilAlerted(phone, [1, 2]);
  phone.response = { status: 201 };
  await anna.say(chat.id);
  await untilAlerted(phone, [1, 2, 3]);
});

it('PUSH-3 G24 sends go on while no service answers, and what waits is a row for each device and chat', async () => {
  const scenes: Scene[] = [];
  for (let count = 0; count < 4; count += 1) scenes.push(await scene('hang'));
  const sends = scenes.flatMap(({ anna, chat }) =>
    Array.from({ length: 50 }, () => anna.say(chat.id)),
  );
  const seqs = (await Promise.all(sends)).map(({ seq }) => seq);
  expect(seqs.toSorted((a, b) => a - b).at(-1)).toBe(50);
  await expect
    .poll(() => scenes.every(({ phone }) => phone.received.length > 0), PATIENCE)
    .toBe(true);
  const rows = await queryDatabase(database.url, 'select from push_alerts');
  expect(rows).toHaveLength(scenes.length);
  // Sends are taken as before while pushes are still hanging.
  for (const { anna, chat } of scenes) expect((await anna.say(chat.id)).seq).toBe(51);
});

it('PUSH-3 T72 a service that hangs leaves room for the others', async () => {
  await restart({ timeoutMs: LONG_MS, concurrency: 4 });
  const hanging = await Promise.all(Array.from({ length: 8 }, () => scene('hang')));
  await Promise.all(hanging.map(({ anna, chat }) => anna.say(chat.id)));
  const received = () => hanging.flatMap(({ phone }) => phone.received).length;
  await expect.poll(received, PATIENCE).toBe(3);
  const other = await TestPushService.start();
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chat = await anna.direct(ben);
  const phone = await other.subscription().of(ben);
  for (let seq = 1; seq <= 10; seq += 1) {
    await anna.say(chat.id);
    await expect.poll(() => phone.alerted.at(-1), PATIENCE).toBe(seq);
  }
  expect(received()).toBe(3);
  await service.stop();
  await server.stop();
  await other.stop();
  service = await TestPushService.start();
  server = await startTestServer({ databaseUrl: database.url, push });
});

it('PUSH-4 that an alert is over does not overtake it', async () => {
  await restart({ timeoutMs: LONG_MS });
  const answers: (() => void)[] = [];
  const { anna, ben, chat, phone } = await scene((response) => {
    answers.push(() => response.writeHead(201).end());
  });
  const witness = await scene();
  await anna.say(chat.id);
  await untilAlerted(phone, [1]);
  await ben.call('setMarks', { params: { id: chat.id }, body: { seenSeq: 1 } });
  for (let seq = 1; seq <= 5; seq += 1) {
    await witness.anna.say(witness.chat.id);
    await expect.poll(() => witness.phone.alerted.at(-1), PATIENCE).toBe(seq);
  }
  expect(phone.received).toHaveLength(1);
  phone.response = { status: 201 };
  answers.pop()?.();
  await expect.poll(() => phone.payloads.at(-1)?.type, PATIENCE).toBe('close');
  expect(phone.received).toHaveLength(2);
});

it('PUSH-3 DUR-1 what waits is sent after a restart, once', async () => {
  const { anna, chat, phone } = await scene({ status: 503 });
  await anna.say(chat.id);
  await expect.poll(async () => (await waiting()).length, PATIENCE).toBe(1);
  await server.stop();
  phone.response = { status: 201 };
  phone.received.length = 0;
  server = await startTestServer({ databaseUrl: database.url, push });
  await untilAlerted(phone, [1]);
  // Stopped before it can have planned anything of the next.
  await new TestUser(server.url, anna.session).say(chat.id);
  await restart();
  await untilAlerted(phone, [1, 2]);
  await new TestUser(server.url, anna.session).say(chat.id);
  await untilAlerted(phone, [1, 2, 3]);
});

it('PUSH-3 nothing that came to a connected device is alerted of by the next start', async () => {
  const { anna, ben, chat, phone } = await scene();
  const witness = await scene();
  await anna.say(chat.id);
  await untilAlerted(phone, [1]);
  const socket = await ben.connect();
  await anna.say(chat.id);
  await socket.next('newMessage', ({ seq }) => seq === 2);
  await witness.anna.say(witness.chat.id);
  await untilAlerted(witness.phone, [1]);
  ben.disconnect();
  await restart();
  await new TestUser(server.url, witness.anna.session).say(witness.chat.id);
  await untilAlerted(witness.phone, [1, 2]);
  expect(phone.alerted).toEqual([1]);
});

it('PUSH-3 G24 of two servers on one database one sends each alert', async () => {
  const second = await startTestServer({ databaseUrl: database.url, push });
  const scenes = await Promise.all(Array.from({ length: 6 }, () => scene()));
  for (let round = 1; round <= 8; round += 1) {
    await Promise.all(
      scenes.map(async ({ anna, chat, phone }, index) => {
        const at = (round + index) % 2 === 0 ? server : second;
        await new TestUser(at.url, anna.session).say(chat.id);
        await expect.poll(() => phone.alerted.at(-1), PATIENCE).toBe(round);
      }),
    );
  }
  // The tails of both have seen everything by the time in which they see this.
  for (const { anna, chat, phone } of scenes) {
    await anna.say(chat.id);
    await expect.poll(() => phone.alerted.at(-1), PATIENCE).toBe(9);
    expect(phone.alerted).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  await second.stop();
});
