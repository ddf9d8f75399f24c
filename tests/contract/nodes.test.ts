import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Chat } from '@natter/protocol';
import {
  callRoute,
  createTestDatabase,
  hasRedis,
  PASSWORD,
  sendRequest,
  startTestServer,
  type TestDatabase,
  TestPushService,
  TestRedis,
  type TestServer,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let database: TestDatabase;
let redis: TestRedis | undefined;
let nodes: TestServer[];
let anna: TestUser;
let ben: TestUser;
let carla: TestUser;
let chat: Chat;
let atAnna: TestSocket;
let atBen: TestSocket;

function nodeAt(index: number): TestServer {
  const node = nodes[index];
  if (!node) throw new Error('There is no such node');
  return node;
}

/** The same session, by another node. */
function on(node: TestServer, { session }: TestUser): TestUser {
  return new TestUser(node.url, session);
}

async function startNodes(redisUrl: string | undefined, overrides = {}): Promise<void> {
  const settings = {
    databaseUrl: database.url,
    ...(redisUrl !== undefined && { redisUrl }),
    ...overrides,
  };
  nodes = await Promise.all([startTestServer(settings), startTestServer(settings)]);
}

/** Asks again until the answer is the wanted one; the test's own timeout ends it. */
async function until(ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await setTimeout(20);
}

async function untilRedisIs(ok: boolean): Promise<void> {
  for (const { url } of nodes) {
    await until(async () => {
      const { body, status } = await callRoute(url, 'getReadiness');
      expect(status).toBe(200);
      return body.checks['redis']?.ok === ok;
    });
  }
}

/** Anna and Carla are connected to the one node, Ben to the other. */
async function meet(): Promise<void> {
  [anna, ben, carla] = await Promise.all([nodeAt(0).user(), nodeAt(0).user(), nodeAt(0).user()]);
  ben = on(nodeAt(1), ben);
  chat = await anna.group([ben, carla]);
  [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
}

function part(): void {
  for (const user of [anna, ben, carla]) user.disconnect();
}

/** Sends on both nodes, and waits until each side has seen the other's. */
async function talk(count: number): Promise<void> {
  const texts = Array.from({ length: count }, () => randomUUID());
  await Promise.all([
    ...texts.map((text) => atAnna.send(chat.id, `anna ${text}`)),
    ...texts.map((text) => atBen.send(chat.id, `ben ${text}`)),
  ]);
  for (const text of texts) {
    await atBen.next('newMessage', (message) => message.text === `anna ${text}`);
    await atAnna.next('newMessage', (message) => message.text === `ben ${text}`);
  }
}

function expectInOrder(socket: TestSocket): void {
  const seqs = socket.of('newMessage').map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
}

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('two nodes that share a database alone', () => {
  beforeAll(() => startNodes(undefined));
  afterAll(() => Promise.all(nodes.map((node) => node.stop())));
  beforeEach(meet);
  afterEach(part);

  it('G4 what one commits comes to the sockets of the other through the tail, in order and once', async () => {
    await talk(20);
    expectInOrder(atAnna);
    expectInOrder(atBen);
  });

  it('AUTH-3 G11 a device that is revoked on one node is cut on the other', async () => {
    await on(nodeAt(0), ben).call('logout');
    await atBen.next('sessionEnded', ({ code }) => code === 'DEVICE_REVOKED');
    await atBen.until(() => atBen.raw.disconnected, 'the cut');
    expect(await ben.fail('getOwnUser')).toMatchObject({ code: 'DEVICE_REVOKED' });
  });
});

const missing = hasRedis()
  ? ''
  : " (skipped: there is no redis-server here; it is in Debian's package redis-server)";

describe.skipIf(!hasRedis())(`two nodes with a Redis${missing}`, () => {
  beforeAll(async () => {
    redis = await TestRedis.start();
    await startNodes(redis.url, { push: { loopback: true, graceMs: 0 } });
    await untilRedisIs(true);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await redis?.kill();
  });
  beforeEach(meet);
  afterEach(part);

  it('G4 what one commits comes to the sockets of the other, in order and once', async () => {
    await talk(50);
    expectInOrder(atAnna);
    expectInOrder(atBen);
    await atBen.command('messageSeen', {
      chatId: chat.id,
      seq: (await ben.readChat(chat.id)).lastSeq,
    });
    await atAnna.next('messageStatusUpdated', ({ updates }) =>
      updates.some(({ userId, status }) => userId === ben.id && status === 'seen'),
    );
  });

  it('AUTH-3 G11 a device that is revoked on one node is cut on the other', async () => {
    await on(nodeAt(0), ben).call('logout');
    await atBen.next('sessionEnded', ({ code }) => code === 'DEVICE_REVOKED');
    await atBen.until(() => atBen.raw.disconnected, 'the cut');
  });

  it('TYP-1 typing goes to the other node, over all devices of the user, and ends with his message', async () => {
    const otherDevice = await on(nodeAt(1), anna).otherDevice();
    const atOther = await otherDevice.connect();
    await atAnna.command('typing', { chatId: chat.id });
    await atBen.next('typing', ({ userId }) => userId === anna.id);
    await atOther.command('typing', { chatId: chat.id });
    await atAnna.command('stopTyping', { chatId: chat.id });
    await atOther.send(chat.id, 'done');
    await atBen.next('stopTyping', ({ userId }) => userId === anna.id);
    await talk(1);
    expect(atBen.of('stopTyping').filter(({ userId }) => userId === anna.id)).toHaveLength(1);
    otherDevice.disconnect();
  });

  it('PRES-1 who is online on any node is online on all, until he has left the last', async () => {
    const readCarla = async (user: TestUser) =>
      (await user.call('getUser', { params: { id: carla.id } })).body;
    const first = await carla.connect();
    const elsewhere = on(nodeAt(1), carla);
    await atBen.next('userOnline', ({ userId }) => userId === carla.id);
    const second = await elsewhere.connect();
    expect(await readCarla(ben)).toMatchObject({ online: true });
    first.close();
    second.close();
    await atBen.next('userOffline', ({ userId }) => userId === carla.id);
    await atAnna.next('userOffline', ({ userId }) => userId === carla.id);
    for (const user of [anna, ben]) {
      expect(await readCarla(user)).toMatchObject({
        online: false,
        lastSeenAt: expect.any(String),
      });
    }
    for (const socket of [atAnna, atBen]) {
      expect(socket.of('userOnline').filter(({ userId }) => userId === carla.id)).toHaveLength(1);
    }
  });

  it('PUSH-3 a device that is connected to one node is not alerted by the other', async () => {
    const service = await TestPushService.start();
    const laptop = await service.subscription().of(await ben.otherDevice());
    const phone = await service.subscription().of(ben);
    await until(async () => (await anna.call('getUser', { params: { id: ben.id } })).body.online);
    for (let round = 0; round < 5; round += 1) {
      for (const from of [nodeAt(0), nodeAt(1)]) {
        const body = { kind: 'text', text: 'hello', clientMessageId: randomUUID() };
        const request = { params: { id: chat.id }, body };
        const { seq } = (await on(from, anna).call('sendMessage', request)).body.message;
        await until(async () => laptop.alerted.includes(seq));
      }
    }
    expect(phone.received).toEqual([]);
    ben.disconnect();
    await until(async () => {
      await atAnna.send(chat.id, 'are you there?');
      return phone.alerted.length > 0;
    });
    await service.stop();
  });

  it('PRES-1 a new name and a block are told on the other node', async () => {
    const [one, other] = [await anna.direct(carla), on(nodeAt(1), carla)];
    const atCarla = await other.connect();
    await atAnna.next('userOnline', ({ userId }) => userId === carla.id);
    await anna.call('updateProfile', { body: { displayName: 'Another' } });
    await atBen.next('userUpdated', ({ user }) => user.displayName === 'Another');
    await anna.call('blockUser', { params: { id: carla.id } });
    await atCarla.next('userOffline', ({ userId }) => userId === anna.id);
    expect(one.type).toBe('direct');
    other.disconnect();
  });

  it.each(['killed', 'paused', 'flushed'])(
    'G18 while Redis is %s sends are acknowledged and come to all, and afterwards at once again',
    async (fault) => {
      if (fault === 'killed') await redis?.kill();
      if (fault === 'paused') redis?.signal('SIGSTOP');
      if (fault === 'flushed') await redis?.command('FLUSHALL');
      const otherDevice = await on(nodeAt(0), ben).otherDevice();
      const atOther = await otherDevice.connect();
      await talk(20);
      if (fault !== 'flushed') await untilRedisIs(false);
      await talk(20);
      await atOther.command('sync', {});
      // Never fails open, whatever is away.
      await on(nodeAt(0), ben).call('logout');
      await atBen.next('sessionEnded', ({ code }) => code === 'DEVICE_REVOKED');
      if (fault === 'killed') await redis?.start();
      if (fault === 'paused') redis?.signal('SIGCONT');
      await untilRedisIs(true);
      ben = on(nodeAt(1), otherDevice);
      atBen = await ben.connect();
      await talk(20);
      expectInOrder(atAnna);
      expectInOrder(atBen);
      atOther.close();
    },
  );

  it('G25 a presence that changed while Redis was away is set right when it is back', async () => {
    await redis?.kill();
    await untilRedisIs(false);
    const atCarla = await carla.connect();
    await atAnna.next('userOnline', ({ userId }) => userId === carla.id);
    expect(atBen.of('userOnline').some(({ userId }) => userId === carla.id)).toBe(false);
    await redis?.start();
    await atBen.next('userOnline', ({ userId }) => userId === carla.id);
    atCarla.close();
    await atBen.next('userOffline', ({ userId }) => userId === carla.id);
  });
});

describe.skipIf(!hasRedis())(`limits over nodes${missing}`, () => {
  beforeAll(async () => {
    redis = await TestRedis.start();
    await startNodes(redis.url, {
      rates: { send: 1e6, change: 1 / 3600, receipt: 1e6, ephemeral: 1e6, read: 1e6 },
      rateBurstSeconds: 20 * 3600,
    });
    await untilRedisIs(true);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await redis?.kill();
  });

  it('RATE-1 what a device used up on one node it has used up on the other', async () => {
    const user = await nodeAt(0).user();
    const update = { body: { about: 'changed again' } };
    for (let count = 0; count < 20; count += 1) await user.call('updateProfile', update);
    expect(await user.fail('updateProfile', update)).toMatchObject({ code: 'RATE_LIMITED' });
    let taken = 0;
    const isTaken = async () => {
      const request = { ...update, token: user.token };
      return (await sendRequest(nodeAt(1).url, 'updateProfile', request)).status === 200;
    };
    while (await isTaken()) {
      taken += 1;
      await setTimeout(100);
    }
    expect(taken).toBeLessThan(20);
  });

  it('AUTH-4 T12 guesses at one node are counted on the other', async () => {
    const user = await nodeAt(0).user();
    const { username } = user.session.user;
    const guess = (node: TestServer, password: string) =>
      sendRequest(node.url, 'login', { body: { username, password } });
    for (let count = 0; count < 10; count += 1) {
      expect((await guess(nodeAt(0), `not ${PASSWORD}`)).status).toBe(401);
    }
    // With the right one, so that nothing more is counted.
    await until(async () => (await guess(nodeAt(1), PASSWORD)).status === 429);
  });
});

describe.skipIf(!hasRedis())(`a Redis that is not there yet${missing}`, () => {
  it('G18 does not keep a node from starting, and is used as soon as it is there', async () => {
    redis = await TestRedis.prepare();
    await startNodes(redis.url);
    await untilRedisIs(false);
    await meet();
    await talk(5);
    await redis.start();
    await untilRedisIs(true);
    await talk(5);
    part();
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.kill();
  });
});
