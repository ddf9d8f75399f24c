import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenTransfers } from './open-transfers.js';

const IDLE_MS = 100;
const HEAD = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n';

const server = createServer();
let transfers: OpenTransfers;
let client: Socket;
let request: IncomingMessage;
let response: ServerResponse;

beforeEach(async () => {
  transfers = new OpenTransfers({ idleTransferMs: IDLE_MS });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  client = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  client.on('error', () => undefined);
  client.write(HEAD);
  [request, response] = await once(server, 'request');
  request.on('error', () => undefined).resume();
});
afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

/** Moves something until it is over. */
async function keepMoving(move: () => void, durationMs: number): Promise<void> {
  const timer = setInterval(move, IDLE_MS / 10);
  await new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
  clearInterval(timer);
}

it('a file of which nothing comes any more is cut, and not before', async () => {
  const closed = once(client, 'close');
  transfers.add(request);
  await keepMoving(() => client.write('x'), 5 * IDLE_MS);
  expect(request.destroyed).toBe(false);
  await closed;
  expect(request.destroyed).toBe(true);
});

it('a file of which nothing is taken any more is cut, and not before', async () => {
  const closed = once(client, 'close');
  client.resume();
  transfers.add(response);
  await keepMoving(() => response.write('x'), 5 * IDLE_MS);
  expect(response.destroyed).toBe(false);
  await closed;
  expect(response.destroyed).toBe(true);
});

it('all are cut when the node stops, which waits for what is left of an upload', async () => {
  const steps: string[] = [];
  const upload = once(request, 'close').then(() => steps.push('removed'));
  const received = transfers.receive(request, upload);
  await transfers.beforeApplicationShutdown();
  steps.push('stopped');
  expect(steps).toEqual(['removed', 'stopped']);
  await received;
});
