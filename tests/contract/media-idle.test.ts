import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Server } from 'node:http';
import { startTestServer, type TestServer, type TestUser } from '@natter/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bytesOf, PATIENCE, statusOf } from './media-answers.js';

const IDLE_MS = 2000;

let server: TestServer;
let anna: TestUser;

beforeAll(async () => {
  server = await startTestServer({ idleTransferMs: IDLE_MS });
  anna = await server.user();
});
afterAll(() => server.stop());

/** Begins a request by hand; resolves with both ends of its connection. */
async function begin(lines: readonly string[]): Promise<{ client: Socket; atServer: Socket }> {
  const { hostname, port } = new URL(server.url);
  const accepted = new Promise<Socket>((resolve) => {
    const http: Server = server.natter.application.getHttpServer();
    const take = (socket: Socket): void => {
      if (socket.remotePort !== client.localPort) return;
      http.off('connection', take);
      resolve(socket);
    };
    http.on('connection', take);
  });
  const client = connect(Number(port), hostname);
  client.on('error', () => undefined);
  await once(client, 'connect');
  const head = [...lines, 'host: x', `authorization: Bearer ${anna.token}`];
  client.write(`${head.join('\r\n')}\r\n\r\n`);
  return { client, atServer: await accepted };
}

const untilCut = (socket: Socket) =>
  vi.waitFor(() => expect(socket.destroyed).toBe(true), PATIENCE);

it.concurrent('MEDIA-1 a form of which nothing comes any more is cut, and leaves nothing', async () => {
  const { client, atServer } = await begin([
    'POST /v1/media HTTP/1.1',
    'content-type: multipart/form-data; boundary=b',
    'content-length: 2000000',
  ]);
  const disposition = 'content-disposition: form-data; name="file"; filename="x"';
  client.write(`--b\r\n${disposition}\r\n\r\n`);
  client.write(randomBytes(100_000));
  const spooled = () => readdir(join(server.dataFolder, 'uploads'));
  await vi.waitFor(async () => expect(await spooled()).toHaveLength(1), PATIENCE);
  await untilCut(atServer);
  await vi.waitFor(async () => expect(await spooled()).toEqual([]), PATIENCE);
});

it.concurrent('MEDIA-5 a part of which nothing comes any more is cut, and what came stays', async () => {
  const content = new Uint8Array(randomBytes(50_000));
  const tus = (method: string, path: string, headers: object, body?: Uint8Array<ArrayBuffer>) =>
    anna.fetch(`/v1/uploads${path}`, {
      method,
      headers: { 'tus-resumable': '1.0.0', ...headers },
      ...(body && { body }),
    });
  const created = await tus('POST', '', { 'upload-length': String(content.length) });
  const path = `/${created.headers.get('location')?.split('/').at(-1)}`;
  const type = 'application/offset+octet-stream';
  const { client, atServer } = await begin([
    `PATCH /v1/uploads${path} HTTP/1.1`,
    'tus-resumable: 1.0.0',
    'upload-offset: 0',
    `content-type: ${type}`,
    `content-length: ${content.length}`,
  ]);
  client.write(content.subarray(0, 20_000));
  await untilCut(atServer);
  const head = await tus('HEAD', path, {});
  expect(head.headers.get('upload-offset')).toBe('20000');
  const headers = { 'upload-offset': '20000', 'content-type': type };
  expect(await statusOf(tus('PATCH', path, headers, content.subarray(20_000)))).toBe(204);
  const stored = await bytesOf(await anna.fetch(`/v1/media${path}/content`));
  expect(stored.equals(content)).toBe(true);
});

it.concurrent('MEDIA-1 a download of which nothing is taken any more is cut', async () => {
  // More than both ends keep for each other.
  const content = new Uint8Array(randomBytes(30_000_000));
  const media = await anna.upload(content);
  const { client, atServer } = await begin([`GET ${media.url} HTTP/1.1`]);
  client.pause();
  await untilCut(atServer);
  client.destroy();
  expect((await bytesOf(await anna.fetch(media.url))).equals(content)).toBe(true);
});
