import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Rates } from '@natter/protocol';
import {
  type RouteRequest,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

const PLENTY: Rates = { send: 1e6, change: 1e6, receipt: 1e6, ephemeral: 1e6, read: 1e6 };
/** Sends that a device may make at once, where next to none come back while a test runs. */
const SENDS = 5;
const FEW_SENDS = { rates: { ...PLENTY, send: SENDS / 3600 }, rateBurstSeconds: 3600 };

let server: TestServer | undefined;
const users: TestUser[] = [];
afterEach(async () => {
  for (const user of users.splice(0)) user.disconnect();
  await server?.stop();
});

async function start(overrides: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  server = await startTestServer(overrides);
  return server;
}

async function someone(at: TestServer): Promise<TestUser> {
  const made = await at.user();
  users.push(made);
  return made;
}

async function onOtherDevice(user: TestUser): Promise<TestUser> {
  const same = await user.otherDevice();
  users.push(same);
  return same;
}

function textTo(chatId: string) {
  return { chatId, clientMessageId: randomUUID(), text: 'hello' };
}

function postTo(chatId: string): RouteRequest {
  const { clientMessageId, text } = textTo(chatId);
  return { params: { id: chatId }, body: { kind: 'text', clientMessageId, text } };
}

/** Sends until a send is refused; how many were taken. */
async function sendUntilRefused(socket: TestSocket, chatId: string, most = 100): Promise<number> {
  for (let taken = 0; taken < most; taken += 1) {
    const answer = await socket.answer('sendMessage', textTo(chatId));
    if (!answer.ok) {
      expect(answer.error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      return taken;
    }
  }
  return most;
}

describe('RATE-1 over its rate', () => {
  it('a command is RATE_LIMITED, was not done, and succeeds after retryAfterMs', async () => {
    const anna = await someone(
      await start({ rates: { ...PLENTY, send: 0.5 }, rateBurstSeconds: 4 }),
    );
    const chat = await anna.group();
    const socket = await anna.connect();
    for (;;) {
      const payload = textTo(chat.id);
      const before = await anna.call('getChat', { params: { id: chat.id } });
      const answer = await socket.answer('sendMessage', payload);
      if (answer.ok) continue;
      const retryAfterMs = answer.error.retryAfterMs ?? 0;
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(2000);
      const after = await anna.call('getChat', { params: { id: chat.id } });
      expect(after.body.lastSeq).toBe(before.body.lastSeq);
      await delay(retryAfterMs);
      const { message, duplicate } = await socket.command('sendMessage', payload);
      expect(message.seq).toBe(after.body.lastSeq + 1);
      expect(duplicate).toBeUndefined();
      return;
    }
  });

  it('a route answers 429 with Retry-After in whole seconds, rounded up', async () => {
    const anna = await someone(await start(FEW_SENDS));
    const chat = await anna.group();
    for (let count = 0; count < SENDS; count += 1) await anna.call('sendMessage', postTo(chat.id));
    const { status, headers, body } = await sendRequest(anna.url, 'sendMessage', {
      token: anna.token,
      ...postTo(chat.id),
    });
    expect(status).toBe(429);
    expect(body).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    const { retryAfterMs } = body as { retryAfterMs: number };
    expect(Number.isInteger(retryAfterMs)).toBe(true);
    expect(headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
  });
});

describe('RATE-1 what counts together', () => {
  it('is what comes by both doors', async () => {
    const anna = await someone(await start(FEW_SENDS));
    const chat = await anna.group();
    const socket = await anna.connect();
    await socket.send(chat.id, 'one');
    await anna.call('sendMessage', postTo(chat.id));
    expect(await sendUntilRefused(socket, chat.id)).toBe(SENDS - 2);
    expect(await anna.fail('sendMessage', postTo(chat.id))).toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('is what comes by all sockets of a device', async () => {
    const anna = await someone(await start(FEW_SENDS));
    const chat = await anna.group();
    expect(await sendUntilRefused(await anna.connect(), chat.id)).toBe(SENDS);
    expect(await sendUntilRefused(await anna.connect(), chat.id)).toBe(0);
  });

  it('is what comes by all devices of a user, who have more than one of them', async () => {
    const anna = await someone(await start(FEW_SENDS));
    const chat = await anna.group();
    const devices = [anna, await onOtherDevice(anna), await onOtherDevice(anna)];
    const taken: number[] = [];
    for (const device of devices)
      taken.push(await sendUntilRefused(await device.connect(), chat.id));
    expect(taken).toEqual([SENDS, SENDS, 0]);
  });

  it('is not what another user does, nor what is of another class', async () => {
    const running = await start(FEW_SENDS);
    const [anna, ben] = [await someone(running), await someone(running)];
    const chat = await anna.group([ben]);
    const socket = await anna.connect();
    await sendUntilRefused(socket, chat.id);
    expect(await sendUntilRefused(await ben.connect(), chat.id)).toBe(SENDS);
    await socket.command('joinChat', { chatId: chat.id });
    await anna.call('setPreferences', { params: { id: chat.id }, body: { pinned: true } });
    expect(await sendUntilRefused(socket, chat.id)).toBe(0);
  });
});

it('RATE-1 reading and changing are limited, too, and what wants no login is not', async () => {
  const few = { ...PLENTY, read: 3 / 3600, change: 3 / 3600 };
  const running = await start({ rates: few, rateBurstSeconds: 3600 });
  const anna = await someone(running);
  const limited = { code: 'RATE_LIMITED', status: 429 };
  const chat = await anna.group();
  await anna.group();
  await anna.group();
  const body = { type: 'group', title: 'One too many', memberIds: [] };
  expect(await anna.fail('createChat', { body })).toMatchObject(limited);
  for (let count = 0; count < 3; count += 1) await anna.call('listChats');
  expect(await anna.fail('listChats')).toMatchObject(limited);
  const socket = await anna.connect();
  expect(await socket.fail('sync', {})).toMatchObject({ code: 'RATE_LIMITED' });
  expect(await socket.fail('leaveChat', { chatId: chat.id })).toMatchObject({
    code: 'RATE_LIMITED',
  });
  for (let count = 0; count < 20; count += 1) {
    expect((await sendRequest(running.url, 'getHealth')).status).toBe(200);
  }
  await onOtherDevice(anna);
  await running.user();
});

it('RATE-1 where an operator turns the limits off there are none', async () => {
  const anna = await someone(await start({ ...FEW_SENDS, rateLimits: false }));
  const chat = await anna.group();
  expect(await sendUntilRefused(await anna.connect(), chat.id, SENDS * 10)).toBe(SENDS * 10);
});

describe('T43 a flood from one socket', () => {
  it('is refused and then cut, while all that others send is acknowledged', async () => {
    const running = await start({
      rates: { ...PLENTY, send: 20, change: 20 },
      rateBurstSeconds: 30,
    });
    const [flooder, ben] = [await someone(running), await someone(running)];
    const chat = await ben.group([flooder]);
    const [flood, socket] = [await flooder.connect(), await ben.connect()];

    let answered = 0;
    let refusedCount = 0;
    const acknowledge = (answer: { ok: boolean; error?: { code: string } }): void => {
      if (answer.ok) answered += 1;
      else if (answer.error?.code === 'RATE_LIMITED') refusedCount += 1;
    };
    const flooding = (async () => {
      while (flood.raw.connected) {
        for (let count = 0; count < 250; count += 1) {
          flood.raw.emit('sendMessage', textTo(chat.id), acknowledge);
          flood.raw.emit('nonsense', {});
        }
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    })();
    let sent = 0;
    while (flood.raw.connected) {
      await socket.send(chat.id, `still here ${sent}`);
      sent += 1;
    }
    await flooding;
    expect(flood.of('sessionEnded')).toMatchObject([{ code: 'RATE_LIMITED' }]);
    expect(answered).toBeGreaterThan(0);
    expect(refusedCount).toBeGreaterThan(0);
    expect(sent).toBeGreaterThan(0);

    // The process lives, and the device may come back to what its rate leaves it.
    await socket.send(chat.id, 'and still');
    const again = await flooder.connect();
    await again.command('joinChat', { chatId: chat.id });
  });
});

describe('T46 acknowledgements', () => {
  it('that were never asked for, twice or forged, change nothing', async () => {
    const running = await start({});
    const anna = await someone(running);
    const chat = await anna.group();
    const socket = await anna.connect();
    const { engine } = socket.raw.io;
    const answers: string[] = [];
    engine.on('packet', ({ data }) => {
      if (typeof data === 'string' && data.startsWith('37777777[')) answers.push(data);
    });
    for (let id = 0; id < 5000; id += 1) {
      engine.write(`3${id}[{"ok":true}]`);
      engine.write(`3${id % 10}["__proto__"]`);
    }
    // One id for many commands is the client's own trouble: each is answered under it.
    const command = `27777777${JSON.stringify(['joinChat', { chatId: chat.id }])}`;
    for (let count = 0; count < 100; count += 1) engine.write(command);
    const message = await socket.send(chat.id, 'still here');
    expect(message.seq).toBe(2);
    await vi.waitFor(() => expect(answers).toHaveLength(100), { timeout: 30_000 });
    expect(answers.every((answer) => answer.includes('"ok":true'))).toBe(true);
  });
});
