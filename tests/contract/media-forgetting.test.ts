import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ForgettingService, ReconciliationService } from '@natter/server/media';
import { queryDatabase, startTestServer, storedFiles, type TestServer } from '@natter/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.stop());

const rows = (sql: string, ...values: unknown[]) => queryDatabase(server.databaseUrl, sql, values);

const stored = () => storedFiles(server);

/** Where a file of some id would stand. */
function shelved(): string {
  const key = `${randomUUID()}.content`;
  return join(createHash('sha256').update(key).digest('hex').slice(0, 2), key);
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
  expect((await stored()).map((path) => path.slice(3))).toEqual([`${sent.id}.content`]);
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
      expect((await stored()).map((path) => path.slice(3))).toEqual([`${both.id}.content`]);
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

it('MEDIA-2 what crashes leave is found in both directions: files without rows go, rows without files are told', async () => {
  const anna = await server.user();
  const [kept, lost] = [await anna.upload('kept'), await anna.upload('lost')];
  const folder = join(server.dataFolder, 'media');
  const paths = await stored();
  const path = (id: string) => join(folder, paths.find((found) => found.includes(id)) ?? '');
  await rm(path(lost.id));
  // As a process that died after the bytes and before the row left it, and one that died while a form came in.
  const [orphan, young] = [join(folder, shelved()), join(folder, shelved())];
  const spooled = join(server.dataFolder, 'uploads', randomUUID());
  for (const file of [orphan, young]) await mkdir(dirname(file), { recursive: true });
  await mkdir(spooled, { recursive: true });
  for (const file of [orphan, young, join(spooled, 'original'), join(folder, '.unfinished', 'x')]) {
    await writeFile(file, 'left');
    if (file !== young) await utimes(file, LONG_AGO, LONG_AGO);
  }
  await utimes(spooled, LONG_AGO, LONG_AGO);
  const reconciliation = server.natter.application.get(ReconciliationService);
  expect(await reconciliation.reconcile()).toEqual({
    removedFiles: 1,
    removedUnfinished: 2,
    missing: [lost.id],
  });
  expect(await reconciliation.reconcile()).toMatchObject({ removedFiles: 0, removedUnfinished: 0 });
  expect(await (await anna.fetch(kept.url)).text()).toBe('kept');
  expect((await anna.fetch(lost.url)).status).toBe(404);
  expect(await readdir(join(server.dataFolder, 'uploads'))).toEqual([]);
  expect((await stored()).map((found) => join(folder, found))).toContain(young);
});
