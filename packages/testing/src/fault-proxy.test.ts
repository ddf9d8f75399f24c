import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FaultProxy, noFaults } from './fault-proxy.js';

let echo: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  proxy = await FaultProxy.start(`http://127.0.0.1:${port}`, () => 0.5);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  echo.close();
});

async function enter(): Promise<Socket> {
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

async function say(client: Socket, text: string): Promise<string> {
  client.write(text);
  const [heard]: unknown[] = await once(client, 'data');
  return String(heard);
}

it('a connection that is forgotten stays open and carries nothing, and a new one does', async () => {
  const forgotten = await enter();
  expect(await say(forgotten, 'before')).toBe('before');
  const heard: unknown[] = [];
  forgotten.on('data', (chunk: Buffer) => heard.push(chunk));
  proxy.forgetAll();
  forgotten.write('after');
  expect(await say(await enter(), 'new')).toBe('new');
  expect(heard).toEqual([]);
  expect(forgotten.readyState).toBe('open');
});

it('a connection that is cut ends at both ends', async () => {
  const client = await enter();
  expect(await say(client, 'before')).toBe('before');
  const closed = once(client, 'close');
  proxy.cutAll();
  await closed;
});

it('a slow way carries everything, in its order', async () => {
  proxy.faults = { ...noFaults, bytesPerSecond: 10_000 };
  const client = await enter();
  const heard: Buffer[] = [];
  client.on('data', (chunk: Buffer) => heard.push(chunk));
  const said = Array.from({ length: 20 }, (_, number) => `${number},`).join('');
  for (const part of said.split(',').slice(0, -1)) client.write(`${part},`);
  await expect.poll(() => Buffer.concat(heard).toString()).toBe(said);
});
