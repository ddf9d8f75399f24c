import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import {
  queryDatabase,
  startTestServer,
  TestPushService,
  type TestServer,
  type TestSubscription,
  type TestUser,
} from '@natter/testing';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const GRACE_MS = 1500;

let server: TestServer;
let service: TestPushService;

beforeAll(async () => {
  service = await TestPushService.start();
  server = await startTestServer({ push: { loopback: true, graceMs: GRACE_MS, retryMs: 100 } });
});
afterAll(async () => {
  await server.stop();
  await service.stop();
});

interface Scene {
  readonly anna: TestUser;
  readonly ben: TestUser;
  readonly chat: Chat;
  /** Ben's. */
  readonly phone: TestSubscription;
}

/** Ben, with a phone that is not connected, and Anna who writes to him. */
async function scene(): Promise<Scene> {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chat = await anna.direct(ben);
  return { anna, ben, chat, phone: await service.subscription().of(ben) };
}

const PATIENCE = { timeout: 20_000 };
/** Waits until these are the messages that it was alerted of. */
async function untilAlerted(phone: TestSubscription, seqs: readonly number[]): Promise<void> {
  await expect.poll(() => phone.alerted, PATIENCE).toEqual(seqs);
}

/** Waits until this is all that it was sent, as far as is named. */
async function untilReceived(phone: TestSubscription, payloads: readonly object[]): Promise<void> {
  await expect.poll(() => phone.payloads, PATIENCE).toMatchObject(payloads);
}

/** Waits until it is settled whom the newest entry of a chat alerts. */
async function untilPlanned(chatId: string): Promise<void> {
  const isPlanned = async () => {
    const rows = await queryDatabase(
      server.databaseUrl,
      `select from push_positions p join chats c on c.id = p.chat_id
       where c.id = $1 and p.planned_seq = c.last_seq`,
      [chatId],
    );
    return rows.length > 0;
  };
  await expect.poll(isPlanned, PATIENCE).toBe(true);
}

/** Sends something in another chat and waits until the phone is alerted of it: what came before has come by then. */
async function settle({ ben, phone }: Pick<Scene, 'ben' | 'phone'>): Promise<string> {
  const other = await server.user();
  const { id } = await other.direct(ben);
  await other.say(id);
  await expect.poll(() => phone.payloads.map(({ chatId }) => chatId), PATIENCE).toContain(id);
  return id;
}

describe('a subscription', () => {
  it('PUSH-1 shows in the list of devices, is replaced and removed', async () => {
    const { anna, ben, chat, phone } = await scene();
    const enabled = async () => {
      const { body } = await ben.call('listDevices');
      return body.items.map(({ pushEnabled }) => pushEnabled);
    };
    expect(await enabled()).toEqual([true]);
    const browser = await service.subscription().of(ben);
    await anna.say(chat.id);
    await untilAlerted(browser, [1]);
    expect(phone.received).toEqual([]);
    const { id } = ben.session.device;
    const { body } = await ben.call('renameDevice', { params: { id }, body: { name: 'Phone' } });
    expect(body.pushEnabled).toBe(true);
    await ben.call('unsubscribeFromPush');
    await ben.call('unsubscribeFromPush');
    expect(await enabled()).toEqual([false]);
  });

  it('PUSH-1 is of this server, by a key that stays and signs every push', async () => {
    const { anna, ben, chat, phone } = await scene();
    const { body } = await ben.call('getPushKey');
    await anna.say(chat.id);
    await untilAlerted(phone, [1]);
    const [push] = phone.received;
    const [, token = '', key] =
      /^vapid t=(.+), k=(.+)$/.exec(push?.headers.authorization ?? '') ?? [];
    expect(key).toBe(body.publicKey);
    const point = Buffer.from(body.publicKey, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
      half.toString('base64url'),
    );
    const { payload } = await jwtVerify(token, { kty: 'EC', crv: 'P-256', x, y });
    expect(payload).toMatchObject({ aud: service.url, sub: expect.stringMatching(/^mailto:/) });
    expect(push?.headers).toMatchObject({
      ttl: '86400',
      urgency: 'high',
      topic: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/),
    });
    const other = await startTestServer({ databaseUrl: server.databaseUrl });
    const { body: again } = await fetchKey(other, ben);
    expect(again).toEqual(body);
    await other.stop();
  });

  const fetchKey = async ({ url }: TestServer, { token }: TestUser) => {
    const headers = { authorization: `Bearer ${token}` };
    return { body: await (await fetch(`${url}/v1/push/key`, { headers })).json() };
  };

  it('PUSH-1 T71 of an address that is none of a push service is refused', async () => {
    const strict = await startTestServer();
    const user = await strict.user();
    const { keys } = service.subscription().json;
    for (const endpoint of [
      'http://push.example.com/send',
      service.subscription().endpoint,
      'https://127.0.0.1/send',
      'https://169.254.169.254/latest/meta-data',
    ]) {
      const problem = await user.fail('subscribeToPush', { body: { endpoint, keys } });
      expect(problem).toMatchObject({ code: 'INVALID', details: [{ path: 'endpoint' }] });
    }
    await strict.stop();
  });

  it('PUSH-1 with keys that are none is refused', async () => {
    const user = await server.user();
    const { endpoint, keys } = service.subscription().json;
    const off = Buffer.from(keys.p256dh, 'base64url');
    off[64] = (off[64] ?? 0) ^ 1;
    for (const [wrong, path] of [
      [{ p256dh: off.toString('base64url') }, 'keys.p256dh'],
      [{ p256dh: 'AAAA' }, 'keys.p256dh'],
      [{ p256dh: `${keys.p256dh.slice(0, -1)}!` }, 'keys.p256dh'],
      [{ auth: keys.auth.slice(1) }, 'keys.auth'],
      [{ auth: null }, 'keys.auth'],
    ] as const) {
      const body = { endpoint, keys: { ...keys, ...wrong } };
      const problem = await user.fail('subscribeToPush', { body });
      expect(problem).toMatchObject({ code: 'INVALID', details: [{ path }] });
    }
    expect(await user.fail('subscribeToPush', { body: {} })).toMatchObject({ code: 'INVALID' });
  });

  it.each(['logout', 'revoke', 'password', 'deletion', 'login'] as const)(
    'PUSH-1 G11 T78 ends with the session of its device: %s',
    async (how) => {
      const { anna, ben, chat, phone } = await scene();
      const laptop = await ben.otherDevice();
      const browser = await service.subscription().of(laptop);
      const { id } = ben.session.device;
      const { username } = ben.session.user;
      const password = 'correct horse battery';
      if (how === 'logout') await ben.call('logout');
      if (how === 'revoke') await laptop.call('revokeDevice', { params: { id } });
      if (how === 'login') {
        await ben.call('login', { body: { username, password, device: { id } } });
      }
      if (how === 'password') {
        const body = { currentPassword: password, newPassword: 'another horse battery' };
        await laptop.call('changePassword', { body });
      }
      if (how === 'deletion') {
        await laptop.call('deleteAccount', { body: { password } });
        const witness = await scene();
        await anna.say(chat.id);
        await settle(witness);
        expect(browser.received).toEqual([]);
      } else {
        await anna.say(chat.id);
        await untilAlerted(browser, [1]);
        // What came of the first has come by the second.
        await anna.say(chat.id);
        await untilAlerted(browser, [1, 2]);
      }
      expect(phone.received).toEqual([]);
    },
  );

  it('PUSH-1 T78 goes over to the next user of the same browser', async () => {
    const { anna, ben, chat, phone } = await scene();
    const next = await server.user();
    await phone.of(next);
    await anna.say(chat.id);
    const { id } = await anna.direct(next);
    await anna.say(id);
    await untilReceived(phone, [{ chatId: id }]);
    const { body } = await ben.call('listDevices');
    expect(body.items).toMatchObject([{ pushEnabled: false }]);
  });

  it('PUSH-1 G24 is dropped when its service says that it is gone', async () => {
    for (const status of [404, 410]) {
      const { anna, ben, chat, phone } = await scene();
      phone.response = { status };
      await anna.say(chat.id);
      await expect
        .poll(async () => (await ben.call('listDevices')).body.items[0]?.pushEnabled, PATIENCE)
        .toBe(false);
      expect(phone.alerted).toEqual([1]);
    }
  });
});

describe('an alert', () => {
  it('PUSH-2 holds nothing but ids, and has the same length whatever they are of', async () => {
    const { anna, ben, phone } = await scene();
    const group = await anna.group([ben], { title: 'a secret title' });
    const message = await anna.say(group.id, 'a secret text');
    await untilReceived(phone, [
      { type: 'message', chatId: group.id, messageId: message.id, seq: message.seq },
    ]);
    expect(Object.keys(phone.payloads[0] ?? {})).toHaveLength(4);
    await settle({ ben, phone });
    expect(new Set(phone.received.map(({ bytes }) => bytes)).size).toBe(1);
    expect(phone.received.map(({ text }) => text).join()).not.toMatch(
      new RegExp(`secret|${anna.session.user.username}`),
    );
  });

  it('PUSH-2 holds more where the operator wants it, but not of what is encrypted or lives for a time', async () => {
    const talkative = await startTestServer({ push: { loopback: true, content: 'preview' } });
    const [anna, ben] = await Promise.all([talkative.user(), talkative.user()]);
    const phone = await service.subscription().of(ben);
    const group = await anna.group([ben], { title: 'Lunch' });
    await anna.say(group.id, 'x'.repeat(5000));
    await untilReceived(phone, [
      { sender: { id: anna.id }, title: 'Lunch', preview: 'x'.repeat(140) },
    ]);
    const encrypted = { scheme: 'test', ciphertext: 'AAAA' };
    await anna.call('sendMessage', {
      params: { id: group.id },
      body: { kind: 'encrypted', encrypted, clientMessageId: randomUUID() },
    });
    const ids = ['chatId', 'messageId', 'seq', 'type'];
    await expect.poll(() => phone.received.length, PATIENCE).toBe(2);
    expect(Object.keys(phone.payloads[1] ?? {}).toSorted()).toEqual(ids);
    await anna.call('updateChat', { params: { id: group.id }, body: { messageTtlMs: 3_600_000 } });
    await anna.say(group.id, 'soon gone');
    await expect.poll(() => phone.received.length, PATIENCE).toBe(3);
    expect(Object.keys(phone.payloads[2] ?? {}).toSorted()).toEqual(ids);
    await talkative.stop();
  });
});

describe('no alert comes', () => {
  it('PUSH-3 of a chat that is muted or archived, also to who is mentioned', async () => {
    const { anna, ben, chat, phone } = await scene();
    const group = await anna.group([ben]);
    await ben.prefer(chat.id, { mutedUntil: '2999-01-01T00:00:00Z' });
    await ben.prefer(group.id, { archived: true });
    await anna.say(chat.id);
    await anna.call('sendMessage', {
      params: { id: group.id },
      body: { kind: 'text', text: 'you!', mentions: [ben.id], clientMessageId: randomUUID() },
    });
    const other = await settle({ ben, phone });
    await ben.prefer(chat.id, { mutedUntil: null });
    await ben.prefer(group.id, { archived: false });
    await anna.say(chat.id);
    await anna.say(group.id);
    await expect.poll(() => phone.received.length, PATIENCE).toBe(3);
    expect(phone.payloads.map(({ chatId }) => chatId).toSorted()).toEqual(
      [other, chat.id, group.id].toSorted(),
    );
    expect(phone.alerted.toSorted()).toEqual([1, 2, 3]);
  });

  it('PUSH-3 of somebody blocked, of oneself, of the system, and of a chat that one left', async () => {
    const { anna, ben, chat, phone } = await scene();
    const group = await anna.group([ben]);
    const left = await anna.group([ben]);
    await ben.call('leaveGroup', { params: { id: left.id } });
    await ben.call('blockUser', { params: { id: anna.id } });
    await anna.say(chat.id);
    await anna.say(group.id);
    await anna.say(left.id);
    // Elsewhere: what one writes marks everything before it as seen.
    await (await ben.otherDevice()).say((await ben.group()).id);
    await anna.call('updateChat', { params: { id: group.id }, body: { title: 'Renamed' } });
    const other = await settle({ ben, phone });
    expect(phone.payloads.map(({ chatId }) => chatId)).toEqual([other]);
  });

  it('PUSH-3 to a device that is connected', async () => {
    const { anna, ben, chat, phone } = await scene();
    const socket = await ben.connect();
    await anna.say(chat.id);
    await socket.next('newMessage');
    const tablet = await service.subscription().of(await ben.otherDevice());
    await anna.say(chat.id);
    await untilAlerted(tablet, [2]);
    expect(phone.received).toEqual([]);
    ben.disconnect();
  });

  it('PUSH-3 to a device that was connected, and is not any more when others are alerted', async () => {
    const { anna, ben, chat, phone } = await scene();
    const laptop = await ben.otherDevice();
    await laptop.connect();
    const socket = await ben.connect();
    const tablet = await service.subscription().of(await ben.otherDevice());
    await anna.say(chat.id);
    await socket.next('newMessage');
    await untilPlanned(chat.id);
    ben.disconnect();
    await untilAlerted(tablet, [1]);
    const other = await settle({ ben, phone });
    expect(phone.payloads.map(({ chatId }) => chatId)).toEqual([other]);
    laptop.disconnect();
  });

  it('PUSH-3 of what is seen on another device before the grace is over, or gone by then', async () => {
    const { anna, ben, chat, phone } = await scene();
    const laptop = await ben.otherDevice();
    const socket = await laptop.connect();
    await anna.say(chat.id);
    await socket.next('newMessage');
    await untilPlanned(chat.id);
    await socket.command('messageSeen', { chatId: chat.id, seq: 1 });
    const group = await anna.group([ben]);
    const kept = await anna.say(group.id, 'this stays');
    const message = await anna.say(group.id, 'this not');
    await untilPlanned(group.id);
    await anna.call('deleteMessage', {
      params: { id: message.id },
      query: { scope: 'everyone' },
    });
    await untilReceived(phone, [{ messageId: kept.id }]);
    await settle({ ben, phone });
    expect(phone.received).toHaveLength(2);
    laptop.disconnect();
  });
});

describe('an alert is over', () => {
  it('PUSH-4 when it is read elsewhere, and its device is told so under the same topic', async () => {
    const { anna, ben, chat, phone } = await scene();
    await anna.say(chat.id);
    await untilAlerted(phone, [1]);
    const laptop = await ben.otherDevice();
    await laptop.call('setMarks', { params: { id: chat.id }, body: { seenSeq: 1 } });
    await untilReceived(phone, [
      { type: 'message', seq: 1 },
      { type: 'close', chatId: chat.id, seq: 1 },
    ]);
    const topics = phone.received.map(({ headers }) => headers['topic']);
    expect(topics[1]).toBe(topics[0]);
    const other = await settle({ ben, phone });
    expect(
      phone.received.find(({ payload }) => payload.chatId === other)?.headers['topic'],
    ).not.toBe(topics[0]);
    expect(phone.received).toHaveLength(3);
  });

  it.each(['deleted', 'hidden', 'cleared', 'left'] as const)(
    'PUSH-4 when it is %s',
    async (how) => {
      const { anna, ben, phone } = await scene();
      const group = await anna.group([ben]);
      const { id, seq } = await anna.say(group.id);
      await untilAlerted(phone, [seq]);
      const params = { id };
      if (how === 'deleted') {
        await anna.call('deleteMessage', { params, query: { scope: 'everyone' } });
      }
      if (how === 'hidden') await ben.call('deleteMessage', { params, query: { scope: 'me' } });
      if (how === 'left') await ben.call('leaveGroup', { params: { id: group.id } });
      if (how === 'cleared') {
        await ben.call('clearChat', { params: { id: group.id }, body: { upToSeq: seq } });
      }
      await untilReceived(phone, [{ type: 'message' }, { type: 'close', chatId: group.id, seq }]);
    },
  );
});
