import { ChatError, type ConnectionState, createChatClient } from '@natter/client';
import { callRoute, FaultProxy, freshName } from '@natter/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { directChat, PATIENCE, Stage, textsOf, untilLive } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(() => vi.unstubAllGlobals());
afterAll(() => stage.close());

const password = 'correct horse battery';

async function newSession() {
  const body = { username: freshName(), password };
  return (await callRoute(stage.server.url, 'register', { body })).body;
}

it('does nothing until it is asked to, and shows each state on its way', async () => {
  const client = stage.clientOf();
  expect(client.state).toEqual({ status: 'offline' });
  const seen: ConnectionState['status'][] = [];
  client.on('stateChanged', ({ status }) => seen.push(status));
  await client.session.register({ username: freshName(), password });
  await untilLive(client);
  expect(seen).toEqual(['connecting', 'syncing', 'live']);
  client.connect();
  client.connect();
  expect(client.state).toEqual({ status: 'live' });
  client.disconnect();
  expect(client.state).toEqual({ status: 'offline' });
});

it('without a login it says so, and goes on when there is one', async () => {
  const client = stage.clientOf();
  client.connect();
  await vi.waitFor(
    () => expect(client.state).toEqual({ status: 'authRequired', code: 'UNAUTHENTICATED' }),
    PATIENCE,
  );
  await client.session.register({ username: freshName(), password });
  await untilLive(client);
});

it('asks for a token once for all who want one, and again where it is refused', async () => {
  const { accessToken } = await newSession();
  const reasons: string[] = [];
  const client = stage.clientOf({
    auth: {
      getToken: ({ reason }) => {
        reasons.push(reason);
        return Promise.resolve(reasons.length === 1 ? 'expired' : accessToken);
      },
    },
  });
  client.connect();
  await untilLive(client);
  expect(reasons).toEqual(['start', 'refused']);
});

it('a token that is refused again ends in a state, not in a loop', async () => {
  let asked = 0;
  const client = stage.clientOf({
    auth: { getToken: () => Promise.resolve(`worthless ${(asked += 1)}`) },
  });
  client.connect();
  await vi.waitFor(() => expect(client.state.status).toBe('authRequired'), PATIENCE);
  expect(asked).toBe(2);
});

it('a token that cannot be had at the moment is asked for again', async () => {
  const { accessToken } = await newSession();
  let asked = 0;
  const client = stage.clientOf({
    auth: {
      getToken: () => {
        asked += 1;
        return asked < 3 ? Promise.reject(new Error('offline')) : Promise.resolve(accessToken);
      },
    },
  });
  client.connect();
  await untilLive(client);
  expect(asked).toBe(3);
});

it('a device that is revoked has to log in again, and what it had not sent is sent then', async () => {
  const anna = await stage.client();
  const username = anna.me.getSnapshot()?.username ?? '';
  const other = await stage.otherDevice(anna);
  const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
  const device = anna.devices.getSnapshot().find(({ current }) => current);
  await other.devices.revoke(device?.id ?? '');
  await vi.waitFor(
    () => expect(anna.state).toEqual({ status: 'authRequired', code: 'DEVICE_REVOKED' }),
    PATIENCE,
  );
  const { sent } = notes.send('written while logged out');
  await anna.session.login({ username, password });
  await sent;
  expect(textsOf(anna, notes.id)).toEqual(['written while logged out']);
});

it('somebody else who logs in sees nothing of it, and sends nothing of it', async () => {
  const anna = await stage.client();
  const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
  await notes.send('a secret').sent;
  anna.disconnect();
  notes.send('another secret');
  await anna.session.register({ username: freshName(), password });
  await untilLive(anna);
  expect(anna.chats.list().getSnapshot()).toEqual([]);
  expect(anna.outbox.getSnapshot()).toEqual([]);
});

it('logging out forgets everything, here and on the server', async () => {
  const anna = await stage.client();
  await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
  const other = await stage.otherDevice(anna);
  await anna.session.logout();
  expect(anna.state).toEqual({ status: 'authRequired' });
  expect(anna.chats.list().getSnapshot()).toEqual([]);
  await vi.waitFor(() => expect(other.devices.getSnapshot()).toHaveLength(1), PATIENCE);
});

it('a server that is away is tried again', async () => {
  const proxy = await FaultProxy.start(stage.server.url);
  const client = createChatClient({ url: proxy.url });
  await client.session.register({ username: freshName(), password });
  await untilLive(client);
  await proxy.stop();
  await vi.waitFor(() => expect(client.state.status).toBe('offline'), PATIENCE);
  expect(client.state).toMatchObject({ retryAt: expect.any(Number) });
  client.disconnect();
});

it('a protocol that the server does not speak any more is told apart', async () => {
  const error = { code: 'CLIENT_TOO_OLD', message: 'too old', retryable: false } as const;
  const client = stage.clientOf({
    auth: { getToken: () => Promise.resolve('any') },
    connect: () => Promise.reject(new ChatError(error)),
  });
  client.connect();
  await vi.waitFor(() => expect(client.state).toEqual({ status: 'incompatible' }), PATIENCE);
});

it('where there is no WebSocket, it connects all the same', async () => {
  vi.stubGlobal('WebSocket', undefined);
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  await chat.send('the long way').sent;
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['the long way']), PATIENCE);
});
