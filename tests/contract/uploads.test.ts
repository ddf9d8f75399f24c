import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  files,
  freshName,
  startTestServer,
  type TestServer,
  TestUser,
  createTestDatabase,
} from '@natter/testing';
import * as tus from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;

beforeAll(async () => {
  server = await startTestServer({ limits: { mediaBytes: 5_000_000, openUploads: 5 } });
  anna = await server.user();
});
afterAll(() => server.stop());

const endpointOf = (user: TestUser) => `${user.url}/v1/uploads`;
const headersOf = (user: TestUser) => ({ authorization: `Bearer ${user.token}` });
const idOf = (address: string | null | undefined) => address?.split('/').at(-1) ?? '';

/** Uploads as any client of tus does; resolves with the id. */
function upload(
  user: TestUser,
  content: Buffer,
  metadata: Record<string, string> = {},
  options: Partial<tus.UploadOptions> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const task = new tus.Upload(content, {
      endpoint: endpointOf(user),
      headers: headersOf(user),
      metadata,
      retryDelays: null,
      onError: reject,
      onSuccess: () => resolve(idOf(task.url)),
      ...options,
    });
    task.start();
  });
}

/** A request of tus by hand. */
function ask(
  user: TestUser | undefined,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return fetch(`${server.url}/v1/uploads${path}`, {
    method,
    headers: {
      'tus-resumable': '1.0.0',
      ...(user && headersOf(user)),
      ...(body && { 'content-type': 'application/offset+octet-stream' }),
      ...headers,
    },
    ...(body && { body }),
  });
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
}

async function create(user: TestUser, length: number, metadata = ''): Promise<string> {
  const response = await ask(user, 'POST', '', {
    'upload-length': String(length),
    ...(metadata !== '' && { 'upload-metadata': metadata }),
  });
  await response.arrayBuffer();
  expect(response.status).toBe(201);
  return `/${idOf(response.headers.get('location'))}`;
}

const contentOf = async (user: TestUser, id: string) =>
  Buffer.from(await (await user.fetch(`/v1/media/${id}/content`)).arrayBuffer());

describe('a resumable upload', () => {
  it('MEDIA-5 by tus-js-client becomes media under its id, in parts or at once', async () => {
    const content = randomBytes(1_000_000);
    for (const options of [{}, { chunkSize: 300_000 }, { uploadDataDuringCreation: true }]) {
      const metadata = { filename: 'Ünïcode.bin', filetype: 'application/octet-stream' };
      const id = await upload(anna, content, metadata, options);
      const { body: media } = await anna.call('getMedia', { params: { id } });
      expect(media).toMatchObject({
        id,
        kind: 'file',
        size: content.length,
        fileName: 'Ünïcode.bin',
      });
      expect((await contentOf(anna, id)).equals(content)).toBe(true);
    }
    const photograph = await files.photograph();
    const id = await upload(anna, photograph, { filename: 'p.jpg', filetype: 'image/jpeg' });
    expect((await anna.call('getMedia', { params: { id } })).body).toMatchObject({ kind: 'image' });
    const voice = { filename: 'v.wav', voice: 'true', peaks: '1,2,3' };
    const note = await upload(anna, files.wav(1), voice);
    expect((await anna.call('getMedia', { params: { id: note } })).body).toMatchObject({
      kind: 'audio',
      voice: true,
      peaks: [1, 2, 3],
    });
    const opaque = await upload(anna, photograph, { opaque: 'true', filetype: 'image/jpeg' });
    expect((await anna.call('getMedia', { params: { id: opaque } })).body.kind).toBe('file');
    const folder = join(server.dataFolder, 'resumable', anna.id);
    for (const name of await readdir(folder)) {
      expect(await readdir(join(folder, name))).toEqual(['upload.json']);
    }
  });

  it('MEDIA-5 goes on where it was cut, and is whole for who asks again after its end', async () => {
    const content = randomBytes(500_000);
    const path = await create(anna, content.length);
    const cut = new AbortController();
    const part = new Uint8Array(content.subarray(0, 200_000));
    const stream = new ReadableStream({
      start: (controller) => controller.enqueue(part),
    });
    const sending = fetch(`${server.url}/v1/uploads${path}`, {
      method: 'PATCH',
      headers: {
        ...headersOf(anna),
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body: stream,
      duplex: 'half',
      signal: cut.signal,
    }).catch(() => undefined);
    const folder = join(server.dataFolder, 'resumable', anna.id, idOf(path));
    await expect
      .poll(async () => (await stat(join(folder, 'content'))).size, { timeout: 20_000 })
      .toBeGreaterThan(0);
    cut.abort();
    await sending;
    let offset = 0;
    await expect
      .poll(
        async () => {
          const head = await ask(anna, 'HEAD', path);
          offset = Number(head.headers.get('upload-offset'));
          return offset;
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0);
    const rest = new Uint8Array(content.subarray(offset));
    const done = await ask(anna, 'PATCH', path, { 'upload-offset': String(offset) }, rest);
    expect(done.status).toBe(204);
    expect((await contentOf(anna, idOf(path))).equals(content)).toBe(true);
    const head = await ask(anna, 'HEAD', path);
    expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '500000']);
  });

  it('T67 what the protocol does not allow is refused', async () => {
    const ben = await server.user();
    const path = await create(anna, 10);
    const body = new Uint8Array(10);
    const patch = (user: TestUser | undefined, offset: string, content = body, at = path) =>
      statusOf(ask(user, 'PATCH', at, { 'upload-offset': offset }, content));
    expect(await patch(anna, '5')).toBe(409);
    expect(await patch(anna, '-1')).toBe(400);
    expect(await patch(anna, '0', new Uint8Array(11))).toBe(413);
    expect(await patch(undefined, '0')).toBe(401);
    for (const other of [path, `/${randomUUID()}`]) {
      expect(await patch(ben, '0', body, other)).toBe(404);
      expect(await statusOf(ask(ben, 'HEAD', other))).toBe(404);
      expect(await statusOf(ask(ben, 'DELETE', other))).toBe(404);
    }
    for (const odd of ['/..%2f..%2fetc', '/%00', `/${'a'.repeat(90)}`]) {
      expect([400, 404]).toContain(await statusOf(ask(anna, 'HEAD', odd)));
    }
    for (const length of ['-1', '1e3', '9223372036854775808', 'x']) {
      expect([400, 413]).toContain(
        await statusOf(ask(anna, 'POST', '', { 'upload-length': length })),
      );
    }
    expect(await statusOf(ask(anna, 'POST', '', { 'upload-length': '5000001' }))).toBe(413);
    const voice = `voice ${Buffer.from('maybe').toString('base64')}`;
    expect(
      await statusOf(ask(anna, 'POST', '', { 'upload-length': '1', 'upload-metadata': voice })),
    ).toBe(400);
    // It serves nothing, and takes no other method in the name of one.
    expect(await statusOf(ask(anna, 'GET', path))).toBe(404);
    const override = { 'x-http-method-override': 'DELETE' };
    expect(await statusOf(ask(anna, 'HEAD', path, override))).toBe(200);
    expect(await patch(anna, '0')).toBe(204);
    expect(await statusOf(ask(anna, 'DELETE', path))).toBe(400);
    expect((await anna.call('getMedia', { params: { id: idOf(path) } })).body.size).toBe(10);
    const options = await ask(undefined, 'OPTIONS', '');
    expect(options.headers.get('tus-version')).toBe('1.0.0');
    expect(options.headers.get('tus-max-size')).toBe('5000000');
  });

  it('T67 a user has so many under way, and one that he ends makes room', async () => {
    const ben = await server.user();
    const paths = [];
    for (let index = 0; index < 5; index += 1) paths.push(await create(ben, 10));
    expect(await statusOf(ask(ben, 'POST', '', { 'upload-length': '10' }))).toBe(429);
    expect(await statusOf(ask(ben, 'DELETE', paths[0] ?? ''))).toBe(204);
    expect(await statusOf(ask(ben, 'HEAD', paths[0] ?? ''))).toBe(404);
    await create(ben, 10);
    expect(await statusOf(ask(ben, 'POST', '', { 'upload-length': '10' }))).toBe(429);
  });

  it('MEDIA-5 that is not what it is said to be is refused at its end, and gone', async () => {
    const before = await readdir(join(server.dataFolder, 'resumable', anna.id));
    const failure: unknown = await upload(anna, files.pdf(), { filetype: 'image/png' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(tus.DetailedError);
    const response = failure instanceof tus.DetailedError ? failure.originalResponse : undefined;
    expect(response?.getStatus()).toBe(415);
    expect(response?.getBody()).toContain('UNSUPPORTED_MEDIA');
    expect(await readdir(join(server.dataFolder, 'resumable', anna.id))).toEqual(before);
  });
});

it('MEDIA-5 goes on after the server has been started again', async () => {
  const database = await createTestDatabase();
  const dataFolder = await mkdtemp(join(tmpdir(), 'natter-data-'));
  const first = await startTestServer({ databaseUrl: database.url, dataFolder });
  const user = await TestUser.register(first.url, freshName());
  const content = randomBytes(3_000_000);
  const at = (
    url: string,
    method: string,
    path: string,
    headers: object,
    body?: Uint8Array<ArrayBuffer>,
  ) =>
    fetch(`${url}/v1/uploads${path}`, {
      method,
      headers: { 'tus-resumable': '1.0.0', ...headersOf(user), ...headers },
      ...(body && { body }),
    });
  const made = await at(first.url, 'POST', '', { 'upload-length': String(content.length) });
  const path = `/${idOf(made.headers.get('location'))}`;
  const type = { 'content-type': 'application/offset+octet-stream' };
  const part = new Uint8Array(content.subarray(0, 1_234_567));
  await at(first.url, 'PATCH', path, { ...type, 'upload-offset': '0' }, part);
  await first.stop();
  const second = await startTestServer({ databaseUrl: database.url, dataFolder });
  try {
    const head = await at(second.url, 'HEAD', path, {});
    expect(head.headers.get('upload-offset')).toBe('1234567');
    const rest = new Uint8Array(content.subarray(1_234_567));
    const done = await at(second.url, 'PATCH', path, { ...type, 'upload-offset': '1234567' }, rest);
    expect(done.status).toBe(204);
    const response = await fetch(`${second.url}/v1/media${path}/content`, {
      headers: headersOf(user),
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
  } finally {
    await second.stop();
    await database.drop();
    await rm(dataFolder, { recursive: true, force: true });
  }
});
