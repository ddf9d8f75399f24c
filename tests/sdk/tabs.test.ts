import { memoryStore } from '@natter/client';
import { type SharedStore, shareTabs } from '@natter/client/indexeddb';
import { tusUploads } from '@natter/client/uploads';
import { FaultProxy, freshName } from '@natter/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { heldFetch } from './held-fetch.js';
import {
  fileOf,
  gatedUploads,
  lastMediaOf,
  messagesOf,
  receivedHash,
  sha256,
} from './media-stage.js';
import { directChat, PATIENCE, Stage, textsOf, untilLive } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

let stores = 0;
function sharedStore(): SharedStore {
  stores += 1;
  return { ...memoryStore(), sharedName: `test-${process.pid}-${stores}`, shareTabs };
}

it('tabs share one connection, and show the same', async () => {
  const [store, ben] = [sharedStore(), await stage.client()];
  const first = await stage.client({ store });
  const second = stage.clientOf({ store });
  second.connect();
  await untilLive(second);
  expect(second.me.getSnapshot()).toEqual(first.me.getSnapshot());
  // From the tab that follows.
  const chat = await directChat(second, ben);
  const { key, sent } = chat.send('from the second');
  expect(textsOf(second, chat.id)).toEqual(['from the second']);
  await sent;
  await vi.waitFor(() => expect(textsOf(first, chat.id)).toEqual(['from the second']), PATIENCE);
  await first.chats.open(chat.id).send('from the first').sent;
  await vi.waitFor(
    () => expect(textsOf(second, chat.id)).toEqual(['from the second', 'from the first']),
    PATIENCE,
  );
  await second.chats.open(chat.id).react(key, '👍');
  for (const tab of [first, second]) {
    await vi.waitFor(() => {
      expect(tab.chats.open(chat.id).timeline().getSnapshot().items[0]).toMatchObject({
        reactions: [{ emoji: '👍', mine: true }],
      });
    }, PATIENCE);
  }
  // One device is connected once.
  expect(first.devices.getSnapshot()).toHaveLength(1);
  expect(second.data.getSnapshot()).toEqual(first.data.getSnapshot());
});

it('when the leader goes, another goes on, without loss and without double', async () => {
  const [store, ben] = [sharedStore(), await stage.client()];
  const first = await stage.client({ store });
  const [second, third] = [stage.clientOf({ store }), stage.clientOf({ store })];
  second.connect();
  third.connect();
  await Promise.all([untilLive(second), untilLive(third)]);
  const chat = await directChat(second, ben);
  const texts = Array.from({ length: 30 }, (_, index) => `number ${index}`);
  const sent = texts.map((text, index) => {
    if (index === 10) first.disconnect();
    return second.chats.open(chat.id).send(text).sent;
  });
  await Promise.all(sent);
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(texts), PATIENCE);
  second.disconnect();
  await vi.waitFor(() => expect(textsOf(third, chat.id)).toEqual(texts), PATIENCE);
  const { sent: last } = third.chats.open(chat.id).send('the last one');
  await last;
  await vi.waitFor(
    () => expect(textsOf(ben, chat.id)).toEqual([...texts, 'the last one']),
    PATIENCE,
  );
  expect(third.outbox.getSnapshot()).toEqual([]);
});

/** Two tabs of a user who talks to Ben, of which the first one leads and cannot store anything any more. */
async function stuckLeader() {
  const [store, ben] = [sharedStore(), await stage.client()];
  let isStuck = false;
  const write: SharedStore['write'] = (rows) =>
    isStuck ? new Promise(() => undefined) : store.write(rows);
  const first = await stage.client({ store: { ...store, write } });
  const second = stage.clientOf({ store });
  second.connect();
  await untilLive(second);
  const chat = await directChat(second, ben);
  isStuck = true;
  return { ben, first, second, chat };
}

it('what the leader had taken and not stored when it died is sent by the next one', async () => {
  const { ben, first, second, chat } = await stuckLeader();
  const { sent } = chat.send('on its way');
  await vi.waitFor(() => expect(first.outbox.getSnapshot()).toHaveLength(1), PATIENCE);
  // Whatever the leader has answered by now has come.
  await directChat(second, ben);
  first.disconnect();
  expect(await sent).toMatchObject({ text: 'on its way' });
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['on its way']), PATIENCE);
});

it('what is given up while the leader dies is not sent by the next one', async () => {
  const { ben, first, chat } = await stuckLeader();
  const { key, sent } = chat.send('given up');
  await vi.waitFor(() => expect(first.outbox.getSnapshot()).toHaveLength(1), PATIENCE);
  chat.discard(key);
  await vi.waitFor(() => expect(first.outbox.getSnapshot()).toHaveLength(0), PATIENCE);
  first.disconnect();
  await expect(sent).rejects.toMatchObject({ code: 'CONFLICT' });
  await chat.send('after').sent;
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['after']), PATIENCE);
});

it('what a leader was still storing when it left is sent by the next one', async () => {
  const [store, ben] = [sharedStore(), await stage.client()];
  let letGo = (): void => undefined;
  let stored: Promise<void> = Promise.resolve();
  const write: SharedStore['write'] = (rows) => stored.then(() => store.write(rows));
  const first = await stage.client({ store: { ...store, write } });
  const second = stage.clientOf({ store });
  second.connect();
  await untilLive(second);
  const chat = await directChat(first, ben);
  stored = new Promise((resolve) => {
    letGo = resolve;
  });
  chat.send('the last word');
  first.disconnect();
  // By then another tab leads, where nothing holds it.
  await stage.client();
  letGo();
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['the last word']), PATIENCE);
});

it('a tab that leaves waits for no answer any more', async () => {
  const store = sharedStore();
  const { fetch, letGo, untilHeld } = heldFetch('/v1/users/me/blocks');
  const first = await stage.client({ store });
  first.disconnect();
  const again = stage.clientOf({ store, fetch });
  again.connect();
  await untilLive(again);
  const second = stage.clientOf({ store });
  second.connect();
  await untilLive(second);
  const asked = second.request('listBlocks', { query: {} });
  await untilHeld();
  second.disconnect();
  await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  letGo();
});

it('a tab that was away when its messages were sent learns of it when it is back', async () => {
  const [store, ben] = [sharedStore(), await stage.client()];
  const proxy = await FaultProxy.start(stage.server.url);
  const first = stage.clientOf({ store, url: proxy.url });
  await first.session.register({ username: freshName(), password: 'correct horse battery' });
  await untilLive(first);
  const second = stage.clientOf({ store });
  second.connect();
  await untilLive(second);
  const chat = await directChat(second, ben);
  const ownChat = first.chats.open(chat.id);
  const { key } = ownChat.send('here');
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['here']), PATIENCE);
  proxy.forgetAll();
  const { sent } = chat.send('of a tab that follows');
  const reacted = chat.react(key, '👍');
  await vi.waitFor(async () => {
    const rows = await store.read(`user/${first.me.getSnapshot()?.id}/outbox/`);
    expect(rows).toHaveLength(2);
  }, PATIENCE);
  // It was answered that they are stored.
  await second.media.local('none');
  second.disconnect();
  proxy.cutAll();
  await vi.waitFor(() => expect(first.outbox.getSnapshot()).toEqual([]), PATIENCE);
  second.connect();
  expect(await sent).toMatchObject({ text: 'of a tab that follows' });
  await expect(reacted).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  // The same of the one that leads, which another one follows then.
  proxy.forgetAll();
  const own = ownChat.send('of the tab that leads');
  first.disconnect();
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toHaveLength(3), PATIENCE);
  await vi.waitFor(() => expect(second.outbox.getSnapshot()).toEqual([]), PATIENCE);
  first.connect();
  expect(await own.sent).toMatchObject({ text: 'of the tab that leads' });
  await proxy.stop();
});

it('a tab can log in and out for all', async () => {
  const store = sharedStore();
  const first = await stage.client({ store });
  const second = stage.clientOf({ store });
  second.connect();
  await untilLive(second);
  await second.session.logout();
  await vi.waitFor(() => expect(first.state).toEqual({ status: 'authRequired' }), PATIENCE);
  expect(first.chats.list().getSnapshot()).toEqual([]);
});

it('a file of a tab that follows is uploaded by the one that leads, and by the next one where that goes', async () => {
  const [store, ben] = [sharedStore(), await stage.client()];
  const { uploads } = gatedUploads(4, { chunkBytes: 100_000 });
  const first = await stage.client({ store, uploads });
  const second = stage.clientOf({ store, uploads: tusUploads() });
  second.connect();
  await untilLive(second);
  const chat = await directChat(second, ben);
  const file = fileOf(1_000_000);
  const { key, sent } = second.chats.open(chat.id).sendMedia({ files: [file], text: 'from afar' });
  const local = await second.media.local(lastMediaOf(second, chat.id)[0]?.key ?? '');
  expect(local && (await sha256(local))).toBe(await sha256(file));
  second.chats.open(chat.id).send('behind');
  await vi.waitFor(() => {
    const { sentBytes } = messagesOf(second, chat.id)[0]?.media?.[0]?.upload ?? {};
    expect(sentBytes).toBeGreaterThanOrEqual(300_000);
  }, PATIENCE);
  const begun = second.outbox.getSnapshot()[0]?.files?.[0]?.mediaId;
  first.disconnect();
  const message = await sent;
  expect(message.media?.[0]?.id).toBe(begun);
  await vi.waitFor(
    () => expect(messagesOf(ben, chat.id)).toMatchObject([{ id: message.id }, { text: 'behind' }]),
    PATIENCE,
  );
  expect(messagesOf(second, chat.id)[0]).toMatchObject({ key, id: message.id });
  expect(await receivedHash(ben, begun)).toBe(await sha256(file));
});
