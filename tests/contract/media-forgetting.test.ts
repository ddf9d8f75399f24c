import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ForgettingService,
  MEDIA_STORAGE,
  type MediaStorage,
  ReconciliationService,
} from '@natter/server/media';
import { queryDatabase, startTestServer, storedFiles, type TestServer } from '@natter/testing';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.stop());

const rows = (sql: string, ...values: unknown[]) => queryDatabase(server.databaseUrl, sql, values);

const stored = () => storedFiles(server);

const freshKey = () => `${randomUUID()}.content`;

/** Where a file stands in the folder of a server. */
function pathOf(key: string): string {
  const shelf = createHash('sha256').update(key).digest('hex').slice(0, 2);
  return join(server.dataFolder, 'media', shelf, key);
}

const LONG_AGO = new Date(0);

it('MEDIA-1 what nobody sends is given up, and what a message holds stays', async () => {
  const { anna, atAnna, chat } = await server.directChat();
  const [unsent, sent] = [await anna.upload('unsent'), await anna.upload('sent')];
  const input = { chatId: chat.id, clientMessageId: randomUUID(), mediaIds: [sent.id] };
  await atAnna.command('sendMedia', input);
  await rows(
    `update media set unheld_since = now() - interval '25 hours' where unheld_since is not null`,
  );
  await server.natter.application.get(ForgettingService).forget();
  expect((await anna.fail('getMedia', { params: { id: unsent.id } })).code).toBe('NOT_FOUND');
  expect(await (await anna.fetch(sent.url)).text()).toBe('sent');
  expect(await stored()).toEqual([`${sent.id}.content`]);
  anna.disconnect();
});

it('MEDIA-2 files go with a deleted group, but for those that another chat holds', async () => {
  const [anna, ben] = [await server.user(), await server.user()];
  const atAnna = await anna.connect();
  const [group, other] = [await anna.group([ben]), await anna.group([ben])];
  const [both, one] = [await anna.upload('both'), await anna.upload('one')];
  for (const [chatId, mediaIds] of [
    [group.id, [both.id, one.id]],
    [other.id, [both.id]],
  ] as const) {
    const clientMessageId = randomUUID();
    await atAnna.command('sendMedia', { chatId, clientMessageId, mediaIds: [...mediaIds] });
  }
  await anna.call('deleteChat', { params: { id: group.id } });
  await vi.waitFor(
    async () => {
      await server.natter.application.get(ForgettingService).forget();
      expect(await stored()).toEqual([`${both.id}.content`]);
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(await (await ben.fetch(both.url)).text()).toBe('both');
  anna.disconnect();
});

it('MEDIA-2 what two messages let go at once is gone, and what one sends while the other goes stays', async () => {
  const { anna, ben, atAnna, atBen, chat } = await server.directChat();
  const media = await anna.upload('held');
  const send = async () => {
    const input = { chatId: chat.id, clientMessageId: randomUUID(), mediaIds: [media.id] };
    const answer = await atAnna.answer('sendMedia', input);
    return answer.ok ? answer.data.message : undefined;
  };
  let last = await send();
  for (let round = 0; round < 20; round += 1) {
    const messageId = last?.id;
    const [, next] = await Promise.all([
      atAnna.command('deleteMessage', { messageId: messageId ?? '', scope: 'everyone' }),
      send(),
    ]);
    // Whichever came first: a message that is there has its file, and a file that is gone is in no message.
    const status = (await ben.fetch(media.url)).status;
    expect(status).toBe(next ? 200 : 404);
    if (!next) break;
    last = next;
  }
  anna.disconnect();
  atBen.close();
});

const reconcile = (graceMs?: number) =>
  server.natter.application.get(ReconciliationService).reconcile(graceMs);

it('MEDIA-2 what crashes leave is found in both directions: files without rows go, rows without files are told', async () => {
  const anna = await server.user();
  const [kept, lost] = [await anna.upload('kept'), await anna.upload('lost')];
  const storage = server.natter.application.get<MediaStorage>(MEDIA_STORAGE);
  await storage.delete(`${lost.id}.content`);
  // As a process left it that died after the bytes and before the row.
  const orphan = freshKey();
  await storage.write(
    orphan,
    (async function* () {
      yield Buffer.from('left');
    })(),
  );
  // Whatever is there, also by the clock of another machine.
  expect(await reconcile(-60_000)).toMatchObject({ removedFiles: 1, missing: [lost.id] });
  expect(await stored()).toEqual([`${kept.id}.content`]);
  expect(await (await anna.fetch(kept.url)).text()).toBe('kept');
  expect((await anna.fetch(lost.url)).status).toBe(404);
});

it('MEDIA-2 what cut uploads have left goes, and nothing that is young', async () => {
  const uploads = join(server.dataFolder, 'uploads', randomUUID());
  const unfinished = join(server.dataFolder, 'media', '.unfinished');
  const [old, young] = [freshKey(), freshKey()];
  for (const folder of [dirname(pathOf(old)), dirname(pathOf(young)), uploads, unfinished])
    await mkdir(folder, { recursive: true });
  const left = [pathOf(old), join(uploads, 'original'), join(unfinished, 'x')];
  for (const file of [pathOf(young), ...left]) await writeFile(file, 'left');
  for (const path of [...left, uploads]) await utimes(path, LONG_AGO, LONG_AGO);
  // In a bucket nothing can be made old.
  const removedFiles = inject('bucketServer') ? 0 : 1;
  const nothing = { removedUnfinished: 0, missing: [] };
  expect(await reconcile()).toEqual({ removedFiles, removedUnfinished: 2, missing: [] });
  expect(await reconcile()).toEqual({ removedFiles: 0, ...nothing });
  expect(await readdir(join(server.dataFolder, 'uploads'))).toEqual([]);
  expect(await readdir(unfinished)).toEqual([]);
  await expect(readFile(pathOf(young), 'utf8')).resolves.toBe('left');
});
