import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type FrameListener, PlainWebSocket } from './plain-web-socket.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function urlOf(server: { address(): AddressInfo | string | null }): URL {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return new URL(`http://127.0.0.1:${address.port}/chat?a=b`);
}

/** Keeps what comes, and tells when it has been so many texts, or the end. */
class Listener implements FrameListener {
  readonly texts: string[] = [];
  readonly end = Promise.withResolvers<string>();
  private readonly enough = Promise.withResolvers<void>();

  constructor(private readonly count = 1) {}

  received(frame: Buffer): void {
    this.texts.push(frame.toString());
    if (this.texts.length === this.count) this.enough.resolve();
  }

  closed(reason: string): void {
    this.end.resolve(reason);
  }

  async all(): Promise<string[]> {
    await this.enough.promise;
    return this.texts;
  }
}

/** A server that sends each text back. */
async function echo(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket, request) => {
    socket.send(`path ${request.url}`);
    socket.on('message', (text: Buffer) => socket.send(text.toString()));
  });
  cleanups.push(() => server.close());
  return server;
}

/** A server that answers the first bytes with what `answer` writes. */
async function scripted(answer: (socket: Socket) => void): Promise<NetServer> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return server;
}

describe('PlainWebSocket', () => {
  test('asks for the path, and sends and receives texts of every length and alphabet', async () => {
    const server = await echo();
    const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000];
    const sent = [...lengths.map((length) => 'x'.repeat(length)), 'Grüße, 你好 🙂'];
    const listener = new Listener(sent.length + 1);
    const socket = PlainWebSocket.connect(urlOf(server), listener);
    await expect.poll(() => listener.texts).toEqual(['path /chat?a=b']);
    for (const text of sent) socket.send(text);
    expect(await listener.all()).toEqual(['path /chat?a=b', ...sent]);
    socket.close();
    expect(await listener.end.promise).toMatch(/^closed with/);
  });

  test('keeps the texts of two connections apart, which read into the same memory', async () => {
    const server = await echo();
    const [one, other] = [new Listener(2), new Listener(2)];
    const sockets = [one, other].map((listener) => PlainWebSocket.connect(urlOf(server), listener));
    await expect.poll(() => [one.texts.length, other.texts.length]).toEqual([1, 1]);
    for (const [index, socket] of sockets.entries()) socket.send(String(index).repeat(200_000));
    expect((await one.all())[1]).toBe('0'.repeat(200_000));
    expect((await other.all())[1]).toBe('1'.repeat(200_000));
    for (const socket of sockets) socket.cut();
  });

  test('reads what comes byte by byte', async () => {
    const bytes = Buffer.concat([
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
      Buffer.from([0x81, 2]),
      Buffer.from('ab'),
      Buffer.from([0x81, 126, 0, 130]),
      Buffer.from('c'.repeat(130)),
      Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 3]),
      Buffer.from('def'),
    ]);
    const server = await scripted((socket) => {
      socket.setNoDelay(true);
      const next = (at: number): void => {
        if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => next(at + 1));
      };
      next(0);
    });
    const listener = new Listener(3);
    const socket = PlainWebSocket.connect(urlOf(server), listener);
    expect(await listener.all()).toEqual(['ab', 'c'.repeat(130), 'def']);
    socket.cut();
  });

  test('says with which status it was refused', async () => {
    const server = await scripted((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const listener = new Listener();
    PlainWebSocket.connect(urlOf(server), listener);
    expect(await listener.end.promise).toBe('the server answered 400');
    expect(listener.texts).toEqual([]);
  });

  test('says why it cannot reach a server', async () => {
    const server = await scripted(() => undefined);
    const url = urlOf(server);
    await new Promise((resolve) => server.close(resolve));
    const listener = new Listener();
    PlainWebSocket.connect(url, listener);
    expect(await listener.end.promise).toContain('ECONNREFUSED');
  });

  test.each([
    ['with its code', Buffer.from([0x88, 2, 0x03, 0xe9]), 'closed with code 1001'],
    ['of a part of a text', Buffer.from([0x01, 1, 0x61]), 'a frame of the unexpected kind 1'],
  ])('ends at a frame %s', async (_, frame, reason) => {
    const server = await scripted((socket) =>
      socket.write(Buffer.concat([Buffer.from('HTTP/1.1 101 x\r\n\r\n'), frame])),
    );
    const listener = new Listener();
    PlainWebSocket.connect(urlOf(server), listener);
    expect(await listener.end.promise).toContain(reason);
  });
});
