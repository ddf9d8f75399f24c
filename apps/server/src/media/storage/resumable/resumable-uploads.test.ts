import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Upload } from 'tus-js-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NatterError } from '../../../errors/natter-error.js';
import type { ResumableUploadsOptions } from './resumable-uploads.js';
import { UploadServer } from './testing/upload-server.js';

/** How many uploads are cut, a third of them by a restart of the server. */
const INTERRUPTED = 15;

let folder: string;
let server: UploadServer;
const owner = randomUUID();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-resumable-'));
  server = await UploadServer.start(folder);
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function restart(options: Partial<ResumableUploadsOptions> = {}): Promise<void> {
  const { port, taken } = server;
  await server.stop();
  server = await UploadServer.start(folder, options, port);
  server.taken.push(...taken);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Sending {
  readonly upload: Upload;
  /** Resolves when all was sent and taken. */
  readonly done: Promise<void>;
}

function send(content: Buffer, options: Partial<Upload['options']> = {}): Sending {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => undefined);
  const upload = new Upload(content, {
    endpoint: server.endpoint,
    headers: { 'x-owner': owner },
    chunkSize: 256 * 1024,
    retryDelays: [50, 100, 200, 400, 800],
    metadata: { filename: 'Grüße.bin', filetype: 'application/octet-stream' },
    onSuccess: () => resolve(),
    onError: reject,
    ...options,
  });
  upload.start();
  return { upload, done };
}

/** One request of tus, by hand. */
async function tus(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Response> {
  return fetch(path.startsWith('/') ? `http://127.0.0.1:${server.port}${path}` : path, {
    method,
    // A connection that is kept may be one of the server of before.
    headers: { 'tus-resumable': '1.0.0', 'x-owner': owner, connection: 'close', ...headers },
    ...(body && { body: new Uint8Array(body) }),
  });
}

async function create(length: number, headers: Record<string, string> = {}): Promise<string> {
  const answer = await tus('POST', server.endpoint, {
    'upload-length': String(length),
    ...headers,
  });
  expect(answer.status).toBe(201);
  return answer.headers.get('location') ?? '';
}

function patch(
  path: string,
  offset: number | string,
  body: Buffer,
  headers = {},
): Promise<Response> {
  return tus(
    'PATCH',
    path,
    {
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      ...headers,
    },
    body,
  );
}

async function offsetOf(path: string): Promise<number> {
  return Number((await tus('HEAD', path)).headers.get('upload-offset'));
}

describe('a resumable upload', () => {
  it.each([0, 1, 3_000_000])(
    'of %i bytes is taken once, whole, as a standard client sends it',
    async (size) => {
      const content = randomBytes(size);
      const { upload, done } = send(content);
      await done;
      expect(server.taken).toEqual([
        {
          id: upload.url?.split('/').at(-1),
          ownerId: owner,
          path: expect.any(String),
          size,
          metadata: { filename: 'Grüße.bin', filetype: 'application/octet-stream' },
          sha256: sha256(content),
        },
      ]);
      // Of its bytes nothing is left; a client that did not hear of its end is told.
      await expect(readdir(join(folder, owner, server.taken[0]?.id ?? ''))).resolves.toEqual([
        'upload.json',
      ]);
      await expect(offsetOf(upload.url ?? '')).resolves.toBe(size);
      expect((await patch(upload.url ?? '', size, Buffer.alloc(0))).status).toBe(204);
      expect((await patch(upload.url ?? '', size, Buffer.alloc(1))).status).toBe(413);
      expect(server.taken).toHaveLength(1);
    },
  );

  it(
    'goes on where it was cut, also after a restart of the server',
    { timeout: 120_000 },
    async () => {
      for (let run = 0; run < INTERRUPTED; run += 1) {
        const content = randomBytes(1_500_000);
        const cut = randomInt(1, 1_200_000);
        const { promise: reached, resolve } = Promise.withResolvers<void>();
        const first = send(content, {
          chunkSize: 100_000,
          onProgress: (sent) => sent >= cut && resolve(),
        });
        await reached;
        await first.upload.abort();
        expect(server.taken).toHaveLength(run);
        if (run % 3 === 0) await restart();
        const second = send(content, {
          uploadUrl: first.upload.url,
          uploadDataDuringCreation: false,
        });
        await second.done;
        expect(server.taken.at(-1)?.sha256, `cut at ${cut}`).toBe(sha256(content));
      }
      expect(new Set(server.taken.map(({ id }) => id)).size).toBe(INTERRUPTED);
      expect(server.taken).toHaveLength(INTERRUPTED);
    },
  );

  it('keeps what came before the connection was cut', async () => {
    const content = randomBytes(400_000);
    const path = await create(content.length);
    const sending = request(`http://127.0.0.1:${server.port}${path}`, {
      method: 'PATCH',
      headers: {
        'tus-resumable': '1.0.0',
        'x-owner': owner,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': '0',
        'content-length': content.length,
      },
    });
    sending.on('error', () => undefined);
    sending.write(content.subarray(0, 300_000));
    await expect.poll(() => offsetOnDisk(path)).toBe(300_000);
    const closed = new Promise((resolve) => sending.once('close', resolve));
    sending.destroy();
    await closed;
    await expect.poll(() => offsetOf(path)).toBe(300_000);
    expect((await patch(path, 300_000, content.subarray(300_000))).status).toBe(204);
    expect(server.taken).toMatchObject([{ sha256: sha256(content) }]);
  });

  it('is taken when its process ended between the last byte and that', async () => {
    const never = new Promise<void>(() => undefined);
    await restart({ take: () => never });
    const content = randomBytes(1000);
    const path = await create(content.length);
    void patch(path, 0, content).catch(() => undefined);
    await expect.poll(() => offsetOnDisk(path)).toBe(1000);
    await restart();
    expect(server.taken).toEqual([]);
    await expect(offsetOf(path)).resolves.toBe(1000);
    expect(server.taken).toMatchObject([{ sha256: sha256(content) }]);
  });

  it('is taken later where that fails for now', async () => {
    const failures: unknown[] = [];
    const causes = [new Error('the disk is full')];
    let tries = 0;
    await restart({
      failed: (error) => failures.push(error),
      take: () => {
        tries += 1;
        const cause = causes.pop();
        return cause
          ? Promise.reject(new NatterError('UNAVAILABLE', undefined, { cause }))
          : Promise.resolve();
      },
    });
    await send(randomBytes(1000)).done;
    expect(tries).toBe(2);
    expect(failures).toMatchObject([{ code: 'UNAVAILABLE' }]);
  });

  it('ends where what came is refused', async () => {
    await restart({ take: () => Promise.reject(new NatterError('UNSUPPORTED_MEDIA')) });
    const path = await create(10);
    const answer = await patch(path, 0, Buffer.alloc(10));
    expect(answer.status).toBe(415);
    await expect(answer.text()).resolves.toMatch(/^UNSUPPORTED_MEDIA: /);
    expect((await tus('HEAD', path)).status).toBe(404);
    await expect(readdir(join(folder, owner))).resolves.toEqual([]);
  });

  it('is refused before it begins', async () => {
    await restart({ admit: () => Promise.reject(new NatterError('TOO_LARGE')) });
    expect((await tus('POST', server.endpoint, { 'upload-length': '10' })).status).toBe(413);
    await expect(readdir(folder)).resolves.toEqual([]);
  });

  it('expires', async () => {
    const path = await create(10);
    await expect(server.uploads.removeExpired()).resolves.toBe(0);
    await restart({ expiryMs: 1 });
    await expect.poll(() => tus('HEAD', path).then(({ status }) => status)).toBe(410);
    expect((await patch(path, 0, Buffer.alloc(10))).status).toBe(410);
    await expect(server.uploads.removeExpired()).resolves.toBe(1);
    expect((await tus('HEAD', path)).status).toBe(404);
  });

  it('is deleted by its owner', async () => {
    const path = await create(10);
    expect((await tus('DELETE', path)).status).toBe(204);
    expect((await tus('HEAD', path)).status).toBe(404);
    expect((await tus('DELETE', path)).status).toBe(404);
  });
});

describe('T67: a resumable upload', () => {
  it.each([
    ['a wrong offset', 5, 10, 409],
    ['an offset past its length', 11, 1, 409],
    ['more than its length', 0, 11, 413],
    ['a negative offset', -1, 10, 400],
    ['an offset that is no number', 'x', 10, 400],
  ])('refuses %s', async (_, offset, bytes, status) => {
    const path = await create(10);
    expect((await patch(path, offset, Buffer.alloc(bytes))).status).toBe(status);
    expect(server.taken).toEqual([]);
    // It goes on all the same.
    const at = await offsetOf(path);
    expect(at).toBeLessThanOrEqual(10);
    expect((await patch(path, at, Buffer.alloc(10 - at))).status).toBe(204);
    expect(server.taken).toHaveLength(1);
  });

  it.each([
    ['-1', 400],
    ['9223372036854775808', 400],
    ['1e3', 400],
    ['50000001', 413],
    ['x', 400],
  ])('is not made with length %j', async (length, status) => {
    expect((await tus('POST', server.endpoint, { 'upload-length': length })).status).toBe(status);
    expect((await tus('POST', server.endpoint, { 'upload-defer-length': '1' })).status).toBe(501);
    await expect(readdir(folder)).resolves.toEqual([]);
  });

  it('is not there for another user, by whatever name, as what never was', async () => {
    const path = await create(10);
    const others = { 'x-owner': randomUUID() };
    const id = path.split('/').at(-1);
    const strange = [
      path,
      `/v1/uploads/${randomUUID()}`,
      `/v1/uploads/${owner}.${id}`,
      `/v1/uploads/..%2f${owner}%2f${id}`,
      `/v1/uploads/%2e%2e%5c${id}`,
      '/v1/uploads/a%00b',
    ];
    for (const name of strange) {
      expect((await tus('HEAD', name, others)).status).toBe(404);
      expect((await patch(name, 0, Buffer.alloc(10), others)).status).toBe(404);
      expect((await tus('DELETE', name, others)).status).toBe(404);
      expect((await tus('GET', name, others)).status).toBe(404);
    }
    await expect(offsetOf(path)).resolves.toBe(0);
  });

  it('by two writers at once has the bytes of one at each place', async () => {
    const content = randomBytes(1_000_000);
    const path = await create(content.length);
    const answers = await Promise.allSettled(
      Array.from({ length: 6 }, () => patch(path, 0, content)),
    );
    const statuses = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.status : 'cut',
    );
    for (let at = await offsetOf(path); at < content.length; at = await offsetOf(path)) {
      await patch(path, at, content.subarray(at));
    }
    expect(server.taken, String(statuses)).toMatchObject([{ sha256: sha256(content) }]);
  });

  it('is one of so many that its owner may have begun', async () => {
    await restart({ mostUnfinished: 3 });
    const path = await create(1);
    await create(1);
    await create(1);
    expect((await tus('POST', server.endpoint, { 'upload-length': '1' })).status).toBe(429);
    const others = { 'upload-length': '1', 'x-owner': randomUUID() };
    expect((await tus('POST', server.endpoint, others)).status).toBe(201);
    await patch(path, 0, Buffer.alloc(1));
    await create(1);
  });

  it('has metadata of some kilobytes at most, and it is well-formed', async () => {
    const huge = `filename ${Buffer.alloc(750_000).toString('base64')}`;
    const headers = { 'upload-length': '1', 'upload-metadata': huge };
    expect((await tus('POST', server.endpoint, headers)).status).toBe(431);
    for (const metadata of ['filename !!!', 'a b c', ' ']) {
      const bad = { 'upload-length': '1', 'upload-metadata': metadata };
      expect((await tus('POST', server.endpoint, bad)).status).toBe(400);
    }
  });

  it('takes no method but the one that was asked with', async () => {
    const path = await create(1);
    const override = { 'x-http-method-override': 'DELETE', 'upload-length': '1' };
    await tus('POST', path, override);
    await expect(offsetOf(path)).resolves.toBe(0);
  });

  it('is read by pages of ours alone', async () => {
    const from = async (origin: string) =>
      (await tus('OPTIONS', server.endpoint, { origin })).headers.get(
        'access-control-allow-origin',
      );
    await expect(from('https://ours.example')).resolves.toBe('https://ours.example');
    await expect(from('https://evil.example')).resolves.toBeNull();
  });
});

/** How much of an upload's bytes lie in its folder. */
async function offsetOnDisk(path: string): Promise<number> {
  const id = path.split('/').at(-1) ?? '';
  return (await stat(join(folder, owner, id, 'content'))).size;
}
