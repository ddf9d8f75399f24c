import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server } from 'socket.io';
// oxlint-disable-next-line eslint/no-restricted-imports -- the other end of the connections that are tried
import { io } from 'socket.io-client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { GatheredWrites } from './gathered-writes.js';
import type { NatterSocket } from './natter-socket.js';

async function connect(transport: 'websocket' | 'polling') {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = new Server(http);
  const writes = new GatheredWrites();
  server.engine.on('connection', (connection: NatterSocket['conn']) => writes.gather(connection));
  const { port }: AddressInfo = JSON.parse(JSON.stringify(http.address()));
  const client = io(`http://127.0.0.1:${port}`, { transports: [transport] });
  const heard: unknown[] = [];
  client.onAny((_event, number: unknown) => heard.push(number));
  const [socket] = await once(server, 'connection');
  await vi.waitFor(() => expect(client.connected).toBe(true));
  onTestFinished(async () => {
    client.close();
    await server.close();
  });
  return { server, client, heard, connection: socket.conn };
}

it('what is written in one turn leaves in order and in one piece', async () => {
  const { server, heard, connection } = await connect('websocket');
  const raw: Socket = connection.request.socket;
  const written = vi.spyOn(raw, '_writev');
  for (let number = 0; number < 5; number += 1) server.emit('number', number);
  expect(written).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(heard).toEqual([0, 1, 2, 3, 4]));
  expect(written).toHaveBeenCalledTimes(1);
  server.emit('number', 5);
  await vi.waitFor(() => expect(heard).toHaveLength(6));
});

it('what is written before a connection is closed comes before its end', async () => {
  const { server, client, heard } = await connect('websocket');
  server.emit('number', 1);
  server.emit('number', 2);
  server.disconnectSockets(true);
  await vi.waitFor(() => expect(client.connected).toBe(false));
  expect(heard).toEqual([1, 2]);
});

it('the first volatile packets of a turn are not taken for more than the client can read', async () => {
  const { server, heard } = await connect('websocket');
  server.emit('number', 1);
  server.volatile.emit('number', 2);
  await vi.waitFor(() => expect(heard).toEqual([1, 2]));
});

it('answers to long polls are left as they are', async () => {
  const { server, heard } = await connect('polling');
  for (let number = 0; number < 5; number += 1) server.emit('number', number);
  await vi.waitFor(() => expect(heard).toEqual([0, 1, 2, 3, 4]));
});
