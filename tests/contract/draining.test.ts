import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  type DirectChat,
  sendRequest,
  startTestServer,
  type TestServer,
  TestSocket,
  untilSomeoneWaitsForALock,
} from '@natter/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

let server: TestServer;
let talk: DirectChat;
beforeEach(async () => {
  server = await startTestServer();
  talk = await server.directChat();
});
afterEach(async () => {
  talk.anna.disconnect();
  talk.ben.disconnect();
  await server.stop();
});

async function readiness(): Promise<unknown> {
  return (await sendRequest(server.url, 'getReadiness')).body;
}

it('G26 a node that stops answers what it has taken on, refuses the rest, and tells each client to move', async () => {
  const { anna, ben, chat, atAnna, atBen } = talk;
  const send = { chatId: chat.id, clientMessageId: randomUUID(), text: 'on the way' };
  const holder = new pg.Client({ connectionString: server.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from chats where id = $1 for update', [chat.id]);
  const underWay = atAnna.answer('sendMessage', send);
  await untilSomeoneWaitsForALock(server.databaseUrl);

  const stopped = server.stop();
  await Promise.all([atAnna.next('serverDraining'), atBen.next('serverDraining')]);
  expect(await readiness()).toMatchObject({
    status: 'unavailable',
    checks: { node: { ok: false }, database: { ok: true } },
  });
  expect(await atBen.fail('sendMessage', { ...send, clientMessageId: randomUUID() })).toMatchObject(
    {
      code: 'UNAVAILABLE',
      retryable: true,
      retryAfterMs: expect.any(Number),
    },
  );
  const refused = await sendRequest(server.url, 'getChat', {
    token: ben.token,
    params: { id: chat.id },
  });
  expect(refused).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('connection')).toBe('close');
  await expect(TestSocket.connect(server.url, { token: anna.token })).rejects.toThrow(
    'websocket error',
  );

  await holder.query('commit');
  await holder.end();
  expect(await underWay).toMatchObject({ ok: true, data: { message: { text: 'on the way' } } });
  await atBen.next('newMessage', ({ text }) => text === 'on the way');
  await stopped;
  await atAnna.until(() => atAnna.raw.disconnected, 'the end');
  for (const socket of [atAnna, atBen]) {
    expect(socket.of('serverDraining')).toEqual([{ reconnectAfterMs: expect.any(Number) }]);
  }
});

it('G26 neither a client that does not read nor a request that does not end keeps a node from stopping', async () => {
  const hasty = await startTestServer({ drainMs: 1000 });
  const { atAnna, atBen } = await hasty.directChat();
  const goOn = atAnna.stopReading();
  const request = connect({ port: Number(new URL(hasty.url).port), host: '127.0.0.1' });
  request.write(
    'POST /v1/auth/login HTTP/1.1\r\nhost: natter\r\ncontent-type: application/json\r\n',
  );
  request.write('content-length: 100\r\n\r\n{');
  await once(request, 'ready');
  await hasty.stop();
  await atBen.until(() => atBen.raw.disconnected, 'the end');
  goOn();
  await atAnna.until(() => atAnna.raw.disconnected, 'the end');
  request.destroy();
});
