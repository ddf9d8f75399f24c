import { openAsBlob } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatClient, ChatHandle, Message } from '@natter/client';
import { fileStore } from '@natter/client/node';
import { tusTransfer, tusUploads, uploadsBy } from '@natter/client/uploads';
import { ForgettingService } from '@natter/server/media';
import { FaultProxy, files as samples, noFaults, queryDatabase } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomFrom } from '../contract/state/followers.js';
import {
  fileOf,
  gatedUploads,
  lastMediaOf,
  messagesOf,
  receivedHash,
  sha256,
  untilSent,
} from './media-stage.js';
import { directChat, PATIENCE, Stage, textsOf } from './stage.js';

const MOST_BYTES = 5_000_000;

const uploads = tusUploads();

let stage: Stage;
let folder: string;
let anna: ChatClient;
let ben: ChatClient;
beforeAll(async () => {
  stage = await Stage.open({ limits: { mediaBytes: MOST_BYTES } });
  folder = await mkdtemp(join(tmpdir(), 'natter-media-'));
  [anna, ben] = [await stage.client({ uploads }), await stage.client()];
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

/** A chat of its own for Anna and Ben. */
async function group(): Promise<ChatHandle> {
  const memberIds = [ben.me.getSnapshot()?.id ?? ''];
  const chat = await anna.chats.createGroup({ title: 'Files', memberIds });
  await vi.waitFor(() => expect(ben.chats.open(chat.id).getSnapshot()).toBeDefined(), PATIENCE);
  return chat;
}

/** Another one who sends files to Ben. */
async function couple(options: Parameters<Stage['client']>[0]) {
  const anna = await stage.client(options);
  return { anna, chat: await directChat(anna, ben) };
}

it('files that are sent offline go once, in their order, and nothing overtakes them', async () => {
  const chat = await group();
  anna.disconnect();
  const files = [fileOf(300_000, 'one.bin'), fileOf(5, 'two.bin')] as const;
  const mentions = [ben.me.getSnapshot()?.id ?? ''];
  const { key, sent } = chat.sendMedia({ files, text: 'Two files', mentions });
  chat.send('behind');
  expect(messagesOf(anna, chat.id)).toMatchObject([
    {
      key,
      kind: 'media',
      text: 'Two files',
      mentions,
      status: 'queued',
      media: [
        { fileName: 'one.bin', size: 300_000, upload: { state: 'waiting', sentBytes: 0 } },
        { fileName: 'two.bin', size: 5 },
      ],
    },
    { text: 'behind' },
  ]);
  const keys = messagesOf(anna, chat.id)[0]?.media?.map((media) => media.key) ?? [];
  const local = await anna.media.local(keys[0] ?? '');
  expect(local && (await sha256(local))).toBe(await sha256(files[0]));
  anna.connect();
  const message = await sent;
  await untilSent(anna);
  for (const client of [anna, ben]) {
    await vi.waitFor(
      () =>
        expect(messagesOf(client, chat.id)).toMatchObject([
          { id: message.id, text: 'Two files', mentions, media: [{ size: 300_000 }, { size: 5 }] },
          { text: 'behind' },
        ]),
      PATIENCE,
    );
  }
  expect(chat.getSnapshot()?.isMentioned).toBe(false);
  const atBen = ben.chats.open(chat.id);
  expect(atBen.getSnapshot()?.isMentioned).toBe(true);
  atBen.markSeen();
  await vi.waitFor(() => expect(atBen.getSnapshot()?.isMentioned).toBe(false), PATIENCE);
  const shown = messagesOf(anna, chat.id)[0]?.media ?? [];
  expect(shown.map((media) => media.key)).toEqual(keys);
  expect(shown.map(({ upload }) => upload)).toEqual([undefined, undefined]);
  for (const [index, file] of files.entries()) {
    expect(await receivedHash(ben, message.media?.[index]?.id)).toBe(await sha256(file));
  }
});

describe('an upload', () => {
  it('goes on at the byte, however often its way is cut', async () => {
    const random = randomFrom(11);
    const proxy = await FaultProxy.start(stage.server.url, random);
    const anna = await stage.client({ uploads, url: proxy.url });
    const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    const sending: (readonly [File, Promise<Message>])[] = [];
    proxy.faults = { ...noFaults, cut: 0.05, delayMs: 1 };
    const cutOften = vi.waitFor(() => expect(proxy.counts.cut).toBeGreaterThan(2), PATIENCE);
    do {
      const file = fileOf(1_500_000);
      const { sent } = notes.sendMedia({ files: [file] });
      sending.push([file, sent]);
      await Promise.race([sent, cutOften]);
    } while (proxy.counts.cut < 3);
    await cutOften;
    proxy.faults = noFaults;
    for (const [file, sent] of sending) {
      const { media } = await sent;
      expect(await receivedHash(anna, media?.[0]?.id)).toBe(await sha256(file));
    }
    anna.disconnect();
    await proxy.stop();
  });

  it('goes on in the next process, from the store in a file, under the same id', async () => {
    const path = join(folder, 'killed.jsonl');
    const store = fileStore(path);
    const { anna, chat } = await couple({
      store,
      uploads: gatedUploads(4, { chunkBytes: 100_000 }).uploads,
    });
    const file = fileOf(1_000_000);
    const { key } = chat.sendMedia({ files: [file], text: 'to be continued' });
    chat.send('behind');
    await vi.waitFor(() => {
      const [media] = messagesOf(anna, chat.id)[0]?.media ?? [];
      expect(media?.upload?.sentBytes).toBeGreaterThanOrEqual(300_000);
    }, PATIENCE);
    const begun = anna.outbox.getSnapshot()[0]?.files?.[0]?.mediaId;
    expect(await readdir(`${path}.files`)).toHaveLength(1);
    anna.disconnect();
    await store.close();

    const again = stage.clientOf({ store: fileStore(path), uploads });
    again.connect();
    await vi.waitFor(() => expect(messagesOf(again, chat.id)).toHaveLength(2), PATIENCE);
    await untilSent(again);
    await vi.waitFor(() => expect(messagesOf(ben, chat.id)).toHaveLength(2), PATIENCE);
    expect(messagesOf(again, chat.id)[0]?.key).toBe(key);
    expect(messagesOf(ben, chat.id)[0]).toMatchObject({
      text: 'to be continued',
      media: [{ id: begun }],
    });
    expect(await receivedHash(ben, begun)).toBe(await sha256(file));
    await vi.waitFor(async () => expect(await readdir(`${path}.files`)).toEqual([]), PATIENCE);
  });

  it('goes on with a new token where the server refuses the last one', async () => {
    const transfer = tusTransfer({ chunkBytes: 100_000 });
    let asked = 0;
    const expiring = uploadsBy({
      ...transfer,
      send: (request) =>
        transfer.send({
          ...request,
          token: async () => {
            asked += 1;
            const token = await request.token();
            return asked === 5 ? `${token.slice(0, -4)}none` : token;
          },
        }),
    });
    const { anna, chat } = await couple({ uploads: expiring });
    const file = fileOf(1_000_000);
    const { sent } = chat.sendMedia({ files: [file] });
    const { media } = await sent;
    // One request for each part, one to begin, and of the second attempt one to ask how far it is.
    expect(asked).toBeGreaterThanOrEqual(13);
    expect(await receivedHash(ben, media?.[0]?.id)).toBe(await sha256(file));
    expect(anna.state).toEqual({ status: 'live' });
  });

  it('begins anew where the server has it no more', async () => {
    const gate = gatedUploads(4, { chunkBytes: 100_000 });
    const { anna, chat } = await couple({ uploads: gate.uploads });
    const file = fileOf(1_000_000);
    const { sent } = chat.sendMedia({ files: [file] });
    await vi.waitFor(
      () => expect(lastMediaOf(anna, chat.id)[0]?.upload?.sentBytes).toBeGreaterThan(200_000),
      PATIENCE,
    );
    const begun = anna.outbox.getSnapshot()[0]?.files?.[0]?.mediaId;
    const me = anna.me.getSnapshot()?.id ?? '';
    await rm(join(stage.server.dataFolder, 'resumable', me, begun ?? 'none'), { recursive: true });
    gate.allow();
    const { media } = await sent;
    expect(media?.[0]?.id).not.toBe(begun);
    expect(await receivedHash(ben, media?.[0]?.id)).toBe(await sha256(file));
  });

  it('is made again where the server has forgotten the file before its message came', async () => {
    const chat = await group();
    const files = [fileOf(50, 'forgotten.bin'), fileOf(100)] as const;
    const { sent } = chat.sendMedia({ files });
    const [, second] = lastMediaOf(anna, chat.id);
    anna.media.pause(second?.key ?? '');
    const waiting = () => anna.outbox.getSnapshot()[0]?.files ?? [];
    await vi.waitFor(() => expect(waiting()[0]?.isUploaded).toBe(true), PATIENCE);
    const forgotten = waiting()[0]?.mediaId;
    await queryDatabase(
      stage.server.databaseUrl,
      `update media set unheld_since = now() - interval '25 hours' where id = $1`,
      [forgotten],
    );
    await stage.server.natter.application.get(ForgettingService).forget();
    anna.media.resume(second?.key ?? '');
    const { media } = await sent;
    expect(media?.map(({ fileName }) => fileName)).toEqual(['forgotten.bin', 'a file.bin']);
    expect(media?.[0]?.id).not.toBe(forgotten);
    expect(await receivedHash(ben, media?.[0]?.id)).toBe(await sha256(files[0]));
  });

  it('of many files, of which some are empty, brings all of them', async () => {
    const chat = await group();
    const files = Array.from({ length: 10 }, (_, index) => fileOf(index % 4, `${index}.bin`));
    const { media } = await chat.sendMedia({ files }).sent;
    expect(media?.map(({ fileName, size }) => [fileName, size])).toEqual(
      files.map(({ name, size }) => [name, size]),
    );
    await vi.waitFor(() => expect(messagesOf(ben, chat.id)).toHaveLength(1), PATIENCE);
  });

  it('waits while it is paused, and so does what is behind its message', async () => {
    const chat = await group();
    anna.disconnect();
    const { sent } = chat.sendMedia({ files: [fileOf(1000)] });
    const [media] = lastMediaOf(anna, chat.id);
    anna.media.pause(media?.key ?? '');
    chat.send('behind');
    anna.connect();
    await anna.media.upload(fileOf(10)).done;
    expect(messagesOf(anna, chat.id)[0]?.media?.[0]?.upload).toEqual({
      state: 'paused',
      sentBytes: 0,
    });
    expect(textsOf(ben, chat.id)).toEqual([]);
    anna.media.resume(media?.key ?? '');
    await sent;
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['behind']), PATIENCE);
  });

  it('of no message is media, as for an avatar', async () => {
    const picture = new Blob([new Uint8Array(await samples.photograph())], { type: 'image/jpeg' });
    const task = anna.media.upload({ content: picture, fileName: 'me.jpg' });
    expect(task.state.getSnapshot()).toMatchObject({ sentBytes: 0 });
    const media = await task.done;
    expect(media).toMatchObject({ kind: 'image', fileName: 'me.jpg' });
    expect(task.state.getSnapshot()).toBeUndefined();
    const { avatarUrl } = await anna.users.updateProfile({ avatarMediaId: media.id });
    expect(avatarUrl).toBeDefined();
    const refused = anna.media.upload(fileOf(MOST_BYTES + 1));
    await expect(refused.done).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(anna.outbox.getSnapshot()).toEqual([]);
    const given = anna.media.upload(fileOf(10));
    given.cancel();
    await expect(given.done).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a file that the server refuses', () => {
  it('fails visibly, can be tried again, taken out or given up', async () => {
    const chat = await group();
    const failures: string[] = [];
    anna.on('operationFailed', ({ error }) => failures.push(error.code));
    const liar = new File([new Uint8Array(samples.pdf())], 'a.png', { type: 'image/png' });
    const { key, sent } = chat.sendMedia({ files: [liar, fileOf(10, 'good.bin')] });
    chat.send('behind');
    await vi.waitFor(() => expect(failures).toEqual(['UNSUPPORTED_MEDIA']), PATIENCE);
    const shown = messagesOf(anna, chat.id)[0];
    expect(shown).toMatchObject({
      status: 'failed',
      error: { code: 'UNSUPPORTED_MEDIA' },
      media: [{ upload: { state: 'failed', error: { code: 'UNSUPPORTED_MEDIA' } } }, {}],
    });
    chat.retry(key);
    await vi.waitFor(() => expect(failures).toHaveLength(2), PATIENCE);
    anna.media.cancel(shown?.media?.[0]?.key ?? '');
    expect((await sent).media).toMatchObject([{ fileName: 'good.bin' }]);
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['behind']), PATIENCE);

    const tooLarge = chat.sendMedia({ files: [fileOf(MOST_BYTES + 1)] });
    chat.send('last');
    await vi.waitFor(() => expect(failures[2]).toBe('TOO_LARGE'), PATIENCE);
    chat.discard(tooLarge.key);
    await expect(tooLarge.sent).rejects.toMatchObject({ code: 'CONFLICT' });
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['behind', 'last']), PATIENCE);
  });
});

it('a file that is gone from the disk fails its message, and nothing else', async () => {
  const chat = await group();
  const path = join(folder, 'gone.bin');
  await writeFile(path, Buffer.alloc(1_000_000));
  const content = await openAsBlob(path);
  await rm(path);
  chat.sendMedia({ files: [{ content, fileName: 'gone.bin' }], text: 'words' });
  await vi.waitFor(
    () => expect(lastMediaOf(anna, chat.id)[0]?.upload?.state).toBe('failed'),
    PATIENCE,
  );
  anna.media.cancel(lastMediaOf(anna, chat.id)[0]?.key ?? '');
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['words']), PATIENCE);
});

it('logging out forgets files that were not sent', async () => {
  const path = join(folder, 'left.jsonl');
  const { anna, chat } = await couple({
    store: fileStore(path),
    uploads: gatedUploads(2, { chunkBytes: 100_000 }).uploads,
  });
  chat.sendMedia({ files: [fileOf(1_000_000)] });
  await vi.waitFor(async () => expect(await readdir(`${path}.files`)).toHaveLength(1), PATIENCE);
  await anna.session.logout();
  await vi.waitFor(async () => expect(await readdir(`${path}.files`)).toEqual([]), PATIENCE);
  expect(anna.outbox.getSnapshot()).toEqual([]);
});

it('a message that is given up halfway leaves nothing on the server or in the store', async () => {
  const path = join(folder, 'cancelled.jsonl');
  const { anna, chat } = await couple({
    store: fileStore(path),
    uploads: gatedUploads(4, { chunkBytes: 100_000 }).uploads,
  });
  const captioned = chat.sendMedia({ files: [fileOf(1_000_000)], text: 'only words' });
  await vi.waitFor(
    () => expect(lastMediaOf(anna, chat.id)[0]?.upload?.sentBytes).toBeGreaterThan(200_000),
    PATIENCE,
  );
  const me = anna.me.getSnapshot()?.id ?? '';
  expect(await readdir(join(stage.server.dataFolder, 'resumable', me))).toHaveLength(1);
  anna.media.cancel(lastMediaOf(anna, chat.id)[0]?.key ?? '');
  expect(await captioned.sent).toMatchObject({ kind: 'text', text: 'only words' });
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['only words']), PATIENCE);
  const none = chat.sendMedia({ files: [fileOf(10)] });
  anna.media.cancel(lastMediaOf(anna, chat.id)[0]?.key ?? '');
  await expect(none.sent).rejects.toMatchObject({ code: 'CONFLICT' });
  await vi.waitFor(async () => {
    expect(await readdir(`${path}.files`)).toEqual([]);
  }, PATIENCE);
});

it('an encrypted message takes its files along', async () => {
  const chat = await group();
  const file = fileOf(1000, 'secret.bin', 'image/png');
  const encrypted = { scheme: 'test', ciphertext: 'AAAA' };
  const { sent } = chat.send({ encrypted, files: [file] });
  const message = await sent;
  expect(message).toMatchObject({
    kind: 'encrypted',
    encrypted,
    media: [{ kind: 'file', mimeType: 'application/octet-stream' }],
  });
  expect(await receivedHash(ben, message.media?.[0]?.id)).toBe(await sha256(file));
});

it('links that are wanted together are asked for together, and kept', async () => {
  let requests = 0;
  const counting: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    if (url.endsWith('/v1/media/links')) requests += 1;
    return fetch(input, init);
  };
  const { anna, chat } = await couple({ uploads, fetch: counting });
  const { media = [] } = await chat.sendMedia({ files: [1, 2, 3].map((bytes) => fileOf(bytes)) })
    .sent;
  const ids = media.map(({ id }) => id);
  const [links, nowhere] = await Promise.all([
    Promise.all(ids.map((id) => anna.media.link(id))),
    anna.media.link(anna.me.getSnapshot()?.id ?? '').catch((error: unknown) => error),
  ]);
  expect(nowhere).toMatchObject({ code: 'NOT_FOUND' });
  expect(links.map(({ url }) => new URL(url).origin)).toEqual(ids.map(() => stage.server.url));
  expect(await anna.media.link(ids[0] ?? '')).toEqual(links[0]);
  expect(requests).toBe(1);
});

it('without a way for files none is sent', async () => {
  const chat = await group();
  expect(() => ben.chats.open(chat.id).sendMedia({ files: [fileOf(1)] })).toThrow(TypeError);
  expect(() => chat.sendMedia({ files: [] })).toThrow(/needs one/);
});
