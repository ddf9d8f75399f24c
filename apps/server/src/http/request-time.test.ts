import { connect, type Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { limitRequestTimes } from './request-time.js';

let instance: FastifyInstance;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  instance = fastify({ requestTimeout: 0 });
  limitRequestTimes(instance, 50);
  instance.addContentTypeParser('multipart/form-data', (_request, payload, done) => {
    payload.on('data', () => undefined);
    payload.on('end', () => done(null, {}));
  });
  for (const url of ['/v1/chats', '/v1/media']) instance.post(url, async () => 'whole');
  await instance.listen({ port: 0, host: '127.0.0.1' });
  const address = instance.server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await instance.close();
});

/** Sends a request but for its last byte; resolves with what had come by the end of the connection. */
function sendMost(path: string, type: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  const answer = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
    socket.on('error', () => undefined);
  });
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: 2\r\n\r\n{`,
  );
  return { socket, answer };
}

it('a request that does not come to its end is cut, and one that brings a file is not', async () => {
  const file = sendMost('/v1/media', 'multipart/form-data');
  // Two of them, one after the other: the file has been waiting for longer than what was cut.
  for (const path of ['/v1/chats', '/v1/chats?again']) {
    expect(await sendMost(path, 'application/json').answer).not.toContain('whole');
  }
  file.socket.write('}');
  expect(await file.answer).toContain('whole');
});

it('a request that comes to its end is answered', async () => {
  const { socket, answer } = sendMost('/v1/chats', 'application/json');
  socket.write('}');
  expect(await answer).toContain('whole');
});
