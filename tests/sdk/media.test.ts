import { createHash, randomBytes } from 'node:crypto';
import type { ChatClient, MessageItem } from '@natter/client';
import { tusUploads } from '@natter/client/uploads';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { directChat, PATIENCE, Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const uploads = tusUploads();

function itemsOf(client: ChatClient, chatId: string): MessageItem[] {
  const { items } = client.chats.open(chatId).timeline().getSnapshot();
  return items.filter((item): item is MessageItem => item.type === 'message');
}

function fileOf(bytes: number, name = 'a file.bin', type = 'application/octet-stream'): File {
  return new File([new Uint8Array(randomBytes(bytes))], name, { type });
}

const sha256 = async (blob: Blob): Promise<string> =>
  createHash('sha256')
    .update(new Uint8Array(await blob.arrayBuffer()))
    .digest('hex');

/** What a client gets of a file that the server has, by a link. */
async function received(client: ChatClient, id = ''): Promise<string> {
  const { url } = await client.media.link(id);
  return sha256(await (await fetch(url)).blob());
}

it('files that are sent offline go once, in their order, and nothing overtakes them', async () => {
  const [anna, ben] = [await stage.client({ uploads }), await stage.client()];
  const chat = await directChat(anna, ben);
  anna.disconnect();
  const files = [fileOf(300_000, 'one.bin'), fileOf(5, 'two.bin')] as const;
  const { key, sent } = chat.sendMedia({ files, text: 'Two files' });
  chat.send('behind');
  expect(itemsOf(anna, chat.id)).toMatchObject([
    {
      key,
      kind: 'media',
      text: 'Two files',
      status: 'queued',
      media: [
        { fileName: 'one.bin', size: 300_000, upload: { state: 'waiting', sentBytes: 0 } },
        { fileName: 'two.bin', size: 5 },
      ],
    },
    { text: 'behind' },
  ]);
  const keys = itemsOf(anna, chat.id)[0]?.media?.map((media) => media.key) ?? [];
  const local = await anna.media.local(keys[0] ?? '');
  expect(local && (await sha256(local))).toBe(await sha256(files[0]));
  anna.connect();
  const message = await sent;
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
  for (const client of [anna, ben]) {
    await vi.waitFor(
      () =>
        expect(itemsOf(client, chat.id)).toMatchObject([
          { id: message.id, text: 'Two files', media: [{ size: 300_000 }, { size: 5 }] },
          { text: 'behind' },
        ]),
      PATIENCE,
    );
  }
  const shown = itemsOf(anna, chat.id)[0]?.media ?? [];
  expect(shown.map((media) => media.key)).toEqual(keys);
  expect(shown.map(({ upload }) => upload)).toEqual([undefined, undefined]);
  for (const [index, file] of files.entries()) {
    expect(await received(ben, message.media?.[index]?.id)).toBe(await sha256(file));
  }
});
