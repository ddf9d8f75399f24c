import { randomBytes } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mountTinyDisk, type TinyDisk } from '@natter/server/media/testing';
import {
  type DirectChat,
  files,
  startTestServer,
  storedFiles,
  type TestServer,
  type TestUser,
  uploadForm,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { bytesOf, sendMedia, statusOf } from './media-answers.js';

const DISK_BYTES = 8_000_000;
const BLOCK = Buffer.alloc(100_000);

let disk: TinyDisk | undefined;
let server: TestServer;
let talk: DirectChat;

beforeAll(async () => {
  disk = await mountTinyDisk(DISK_BYTES);
  if (!disk) return;
  server = await startTestServer({ dataFolder: disk.folder });
  talk = await server.directChat();
});
afterAll(async () => {
  talk?.anna.disconnect();
  talk?.ben.disconnect();
  await server?.stop();
  await disk?.remove();
});
beforeEach((context) => {
  if (!disk) context.skip('not run: no file system may be mounted here');
});
afterEach(() => disk && free());

const fillerPath = () => join(server.dataFolder, 'filler');

/** Takes all that is left of the disk. */
async function fill(): Promise<void> {
  const filler = await open(fillerPath(), 'a');
  try {
    for (let block = BLOCK; block.length > 0;) {
      const isWritten = await filler.write(block).then(
        ({ bytesWritten }) => bytesWritten === block.length,
        () => false,
      );
      if (!isWritten) block = block.subarray(0, Math.floor(block.length / 2));
    }
  } finally {
    await filler.close();
  }
}

const free = () => rm(fillerPath(), { force: true });

function tus(
  user: TestUser,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return user.fetch(`/v1/uploads${path}`, {
    method,
    headers: {
      'tus-resumable': '1.0.0',
      ...(body && { 'content-type': 'application/offset+octet-stream' }),
      ...headers,
    },
    ...(body && { body }),
  });
}

/** What is left of uploads that were cut; of finished ones by tus their records stay. */
async function debris(): Promise<string[]> {
  const folders = ['uploads', 'media/.unfinished', 'resumable'];
  const names = folders.map((folder) =>
    readdir(join(server.dataFolder, folder), { recursive: true, withFileTypes: true }).catch(
      () => [],
    ),
  );
  return (await Promise.all(names))
    .flat()
    .filter((entry) => entry.isFile() && entry.name !== 'upload.json')
    .map(({ name }) => name);
}

it('G21 a full disk refuses files for now, keeps reads and messages, leaves nothing, and recovers alone', async () => {
  const { anna, ben, atAnna, chat } = talk;
  const content = new Uint8Array(randomBytes(400_000));
  const kept = await anna.upload(content);
  await sendMedia(atAnna, chat.id, [kept.id]);
  const before = await storedFiles(server);

  await fill();
  const picture = new Uint8Array(await files.photograph());
  for (const [bytes, type] of [
    [content, 'application/octet-stream'],
    [picture, 'image/jpeg'],
  ] as const) {
    const form = uploadForm(bytes, { type });
    expect(await anna.fail('uploadMedia', { form })).toMatchObject({
      code: 'UNAVAILABLE',
      status: 503,
    });
  }
  expect(await statusOf(tus(anna, 'POST', '', { 'upload-length': '1000' }))).toBe(503);
  expect((await bytesOf(await ben.fetch(kept.url))).equals(content)).toBe(true);
  await atAnna.send(chat.id, 'words need no disk here');
  expect(await debris()).toEqual([]);
  expect(await storedFiles(server)).toEqual(before);

  await free();
  for (const bytes of [content, picture]) {
    const { id, url } = await anna.upload(bytes);
    await sendMedia(atAnna, chat.id, [id]);
    expect(await statusOf(ben.fetch(url))).toBe(200);
  }
});

it('G21 a resumable upload that filled the disk goes on when there is room', async () => {
  const { anna } = talk;
  const content = new Uint8Array(randomBytes(600_000));
  const created = await tus(anna, 'POST', '', { 'upload-length': String(content.length) });
  const path = `/${created.headers.get('location')?.split('/').at(-1)}`;
  await fill();
  const patch = (offset: number) =>
    tus(anna, 'PATCH', path, { 'upload-offset': String(offset) }, content.subarray(offset));
  expect(await statusOf(patch(0))).toBe(503);

  await free();
  const head = await tus(anna, 'HEAD', path, {});
  const offset = Number(head.headers.get('upload-offset'));
  expect(offset).toBeLessThan(content.length);
  expect(await statusOf(patch(offset))).toBe(204);
  const stored = await bytesOf(await anna.fetch(`/v1/media${path}/content`));
  expect(stored.equals(content)).toBe(true);
  expect(await debris()).toEqual([]);
});
