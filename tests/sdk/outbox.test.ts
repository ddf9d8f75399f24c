import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientStore, memoryStore } from '@natter/client';
import { fileStore } from '@natter/client/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { directChat, PATIENCE, Stage, textsOf } from './stage.js';

let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await Stage.open();
  folder = await mkdtemp(join(tmpdir(), 'natter-outbox-'));
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

const texts = ['one', 'two', 'three', 'four', 'five'];

describe.each<[string, (name: string) => ClientStore]>([
  [
    'memory',
    (() => {
      const stores = new Map<string, ClientStore>();
      return (name) => {
        const store = stores.get(name) ?? memoryStore();
        stores.set(name, store);
        return store;
      };
    })(),
  ],
  ['a file', (name) => fileStore(join(folder, name))],
])('with a store in %s', (kind, open) => {
  it('a client that is made anew goes on where the last one was', async () => {
    const name = kind.replaceAll(' ', '-');
    const [store, ben] = [open(name), await stage.client()];
    const anna = await stage.client({ store });
    const chat = await directChat(anna, ben);
    await chat.send('zero').sent;
    anna.disconnect();
    for (const text of texts) chat.send(text);
    void chat.react(chat.timeline().getSnapshot().items[0]?.key ?? '', '👍');
    await vi.waitFor(async () => expect(await store.read('user/')).not.toEqual([]));
    await vi.waitFor(async () => {
      const rows = await store.read('user/');
      expect(rows.filter(([key]) => key.includes('/outbox/'))).toHaveLength(6);
    }, PATIENCE);
    await store.close();
    const again = stage.clientOf({ store: open(name) });
    again.connect();
    // Before there is a connection.
    await vi.waitFor(() => expect(textsOf(again, chat.id)).toEqual(['zero', ...texts]), PATIENCE);
    await vi.waitFor(() => expect(again.outbox.getSnapshot()).toEqual([]), PATIENCE);
    expect(textsOf(again, chat.id)).toEqual(['zero', ...texts]);
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['zero', ...texts]), PATIENCE);
    expect(again.me.getSnapshot()).toEqual(anna.me.getSnapshot());
  });
});

it('what the server refuses holds back what is behind it, until the user decides', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  const failures: string[] = [];
  anna.on('operationFailed', ({ error }) => failures.push(error.code));
  const tooLong = chat.send('x'.repeat(20_000));
  chat.send('after');
  await vi.waitFor(() => expect(failures).toEqual(['TOO_LARGE']), PATIENCE);
  const item = chat
    .timeline()
    .getSnapshot()
    .items.find(({ key }) => key === tooLong.key);
  expect(item).toMatchObject({ status: 'failed', error: { code: 'TOO_LARGE', retryable: false } });
  expect(anna.outbox.getSnapshot().map(({ status }) => status)).toEqual(['failed', 'queued']);
  chat.retry(tooLong.key);
  await vi.waitFor(() => expect(failures).toEqual(['TOO_LARGE', 'TOO_LARGE']), PATIENCE);
  void chat.edit(tooLong.key, 'short');
  await tooLong.sent;
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['short', 'after']), PATIENCE);
  // The same, given up.
  const second = chat.send('y'.repeat(20_000));
  chat.send('last');
  await vi.waitFor(() => expect(failures).toHaveLength(3), PATIENCE);
  chat.discard(second.key);
  await expect(second.sent).rejects.toMatchObject({ code: 'CONFLICT' });
  await vi.waitFor(
    () => expect(textsOf(ben, chat.id)).toEqual(['short', 'after', 'last']),
    PATIENCE,
  );
});

it('of two new texts for a message that is refused in between, the second one counts', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  const refused = chat.send('x'.repeat(20_000));
  // It is on its way, and the new text waits behind it.
  void chat.edit(refused.key, 'y'.repeat(20_000));
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()[0]?.status).toBe('failed'), PATIENCE);
  await chat.edit(refused.key, 'the second');
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
  expect(textsOf(anna, chat.id)).toEqual(['the second']);
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['the second']), PATIENCE);
});

describe('a message that is refused while a change of it waits', () => {
  it('is given up where it was deleted', async () => {
    const [anna, ben] = [await stage.client(), await stage.client()];
    const chat = await directChat(anna, ben);
    const failed: unknown[] = [];
    anna.on('operationFailed', (refusal) => failed.push(refusal));
    const { key, sent } = chat.send('x'.repeat(20_000));
    const deleted = chat.deleteForEveryone(key);
    expect(anna.outbox.getSnapshot()).toMatchObject([{ status: 'sending' }, {}]);
    const behind = chat.send('behind');
    await expect(sent).rejects.toMatchObject({ code: 'CONFLICT' });
    await deleted;
    await behind.sent;
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['behind']), PATIENCE);
    expect(failed).toEqual([]);
  });

  it('is sent with its new text, the last one of several', async () => {
    const [anna, ben] = [await stage.client(), await stage.client()];
    const chat = await directChat(anna, ben);
    const { key, sent } = chat.send('x'.repeat(20_000));
    const edits = ['first', 'second'].map((text) => chat.edit(key, text));
    expect(anna.outbox.getSnapshot()).toMatchObject([{ status: 'sending' }, {}, {}]);
    expect(await sent).toMatchObject({ text: 'second' });
    await Promise.all(edits);
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['second']), PATIENCE);
  });
});

it('a message that was refused can be deleted, and lets go what is behind it', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  const refused = chat.send('x'.repeat(20_000));
  const behind = chat.send({ text: 'an answer to it', replyTo: refused.key });
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()[0]?.status).toBe('failed'), PATIENCE);
  await chat.deleteForEveryone(refused.key);
  expect((await behind.sent).replyTo).toBeUndefined();
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['an answer to it']), PATIENCE);
});

it('a chat that is marked as unread is so until it is seen, also where nothing is new', async () => {
  const anna = await stage.client();
  const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
  await notes.send('a note').sent;
  await notes.setPreferences({ markedUnread: true });
  await vi.waitFor(() => expect(notes.getSnapshot()?.isMarkedUnread).toBe(true), PATIENCE);
  notes.markSeen();
  await vi.waitFor(() => expect(notes.getSnapshot()?.isMarkedUnread).toBe(false), PATIENCE);
});

it('what holds no words of the user is dropped when it is refused, and its effect taken back', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  const { key, sent } = chat.send('hello');
  await sent;
  const dropped: string[] = [];
  anna.on('operationDropped', ({ error }) => dropped.push(error.code));
  const reaction = chat.react(key, 'no emoji');
  const reactions = () => {
    const [item] = chat.timeline().getSnapshot().items;
    return item?.type === 'message' ? item.reactions : undefined;
  };
  expect(reactions()).toEqual([{ emoji: 'no emoji', count: 1, mine: true }]);
  await expect(reaction).rejects.toMatchObject({ code: 'INVALID' });
  expect(dropped).toEqual(['INVALID']);
  expect(reactions()).toEqual([]);
});

it('changes of a message that is on its way wait for it', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  anna.disconnect();
  const first = chat.send('to be answered');
  const answer = chat.send({ text: 'an answer', replyTo: first.key });
  const gone = chat.send('never sent');
  void chat.deleteForEveryone(gone.key);
  void chat.pin(first.key);
  anna.connect();
  const message = await answer.sent;
  expect(message.replyTo).toMatchObject({ messageId: (await first.sent).id });
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
  await vi.waitFor(() => {
    const { items } = ben.chats.open(chat.id).timeline().getSnapshot();
    expect(items).toMatchObject([{ text: 'to be answered', pinned: true }, { text: 'an answer' }]);
  }, PATIENCE);
});

it('a group is made through the outbox', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  anna.disconnect();
  const made = anna.chats.createGroup({
    title: 'Friends',
    memberIds: [ben.me.getSnapshot()?.id ?? ''],
  });
  anna.connect();
  const group = await made;
  expect(group.getSnapshot()).toMatchObject({ name: 'Friends', memberCount: 2, role: 'owner' });
  await vi.waitFor(() => expect(ben.chats.list().getSnapshot()[0]?.id).toBe(group.id), PATIENCE);
});
