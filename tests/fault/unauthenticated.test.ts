import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startTestServer, type TestServer, type TestUser } from '@natter/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

/** Another address than that of all other clients; on Linux all of 127.0.0.0/8 is this machine. */
const ATTACKER = '127.0.0.2';
const SOCKETS = 1000;
const ALLOWED = 20;
/** The whole of a request but for its last line break. */
const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: natter',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  '',
].join('\r\n');

let server: TestServer;
let user: TestUser;
const attackers: Socket[] = [];

beforeAll(async () => {
  server = await startTestServer({ capacity: { addressHandshakes: ALLOWED } });
  user = await server.user();
});
afterEach(() => {
  for (const socket of attackers.splice(0)) socket.destroy();
  user.disconnect();
});
afterAll(() => server.stop());

async function open(url = server.url): Promise<Socket> {
  const { port } = new URL(url);
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: ATTACKER });
  socket.on('error', () => undefined);
  attackers.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Resolves with the status of the answer; the connection stays as it is. */
async function upgrade(url = server.url, ...headers: string[]): Promise<number> {
  const socket = await open(url);
  socket.write(`${UPGRADE}${headers.join('')}\r\n`);
  const [head]: unknown[] = await once(socket, 'data');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(String(head))?.[1]);
}

async function expectServed(): Promise<void> {
  const chat = await user.direct(user);
  const socket = await user.connect();
  expect((await socket.send(chat.id, 'still here')).text).toBe('still here');
}

const isOpen = (socket: Socket) => socket.readyState === 'open' && !socket.readableEnded;

it(`T44 of ${SOCKETS} sockets of one address that never say who they are ${ALLOWED} get in, each for ten seconds`, async () => {
  const statuses = await Promise.all(Array.from({ length: SOCKETS }, () => upgrade()));
  expect(statuses.filter((status) => status === 101)).toHaveLength(ALLOWED);
  await expectServed();
  await expect.poll(() => attackers.filter(isOpen).length, { timeout: 60_000 }).toBe(0);
  expect(await upgrade(), 'the address may come again').toBe(101);
});

it('T44 of a client behind a proxy of ours it is his own address that counts', async () => {
  const behind = await startTestServer({
    trustedProxies: [ATTACKER],
    capacity: { addressHandshakes: 1 },
  });
  const from = (address: string) => upgrade(behind.url, `X-Forwarded-For: ${address}\r\n`);
  expect(await from('192.0.2.1')).toBe(101);
  expect(await from('192.0.2.1')).not.toBe(101);
  expect(await from('192.0.2.2')).toBe(101);
  for (const socket of attackers.splice(0)) socket.destroy();
  await behind.stop();
});

it('T44 who has said who he is counts no longer', async () => {
  const sockets = [];
  while (sockets.length < 2 * ALLOWED) sockets.push(await user.connect());
  expect(sockets.every(({ raw }) => raw.connected)).toBe(true);
});

it(`T44 ${SOCKETS} connections that send nothing, or a request without an end, are cut, and hold up nobody`, async () => {
  await Promise.all(
    Array.from({ length: SOCKETS }, async (_, index) => {
      const socket = await open();
      if (index % 3 === 1) socket.write('GET /v1/users HTTP/1.1\r\nX-Slow: ');
      // A WebSocket that is never asked for to the end.
      if (index % 3 === 2) socket.write(UPGRADE);
      socket.resume();
    }),
  );
  const dripping = setInterval(() => {
    for (const [index, socket] of attackers.entries()) if (index % 3 === 1) socket.write('x');
  }, 1000);
  await expectServed();
  await expect.poll(() => attackers.filter(isOpen).length, { timeout: 60_000 }).toBe(0);
  clearInterval(dripping);
});
