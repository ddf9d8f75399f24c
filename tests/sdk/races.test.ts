import { randomUUID } from 'node:crypto';
import { memoryStore } from '@natter/client';
import { FaultProxy, freshName } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { heldFetch } from './held-fetch.js';
import { directChat, PATIENCE, Stage, textsOf, untilLive } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const credentials = () => ({ username: freshName(), password: 'correct horse battery' });

it('a message that is not sent yet can be forwarded', async () => {
  const [anna, ben, cleo] = [await stage.client(), await stage.client(), await stage.client()];
  const [withBen, withCleo] = [await directChat(anna, ben), await directChat(anna, cleo)];
  anna.disconnect();
  const { key } = withBen.send('for both');
  const forwarded = withBen.forward(key, [withCleo.id]);
  withCleo.send('behind it');
  anna.connect();
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
  await forwarded;
  await vi.waitFor(
    () => expect(textsOf(cleo, withCleo.id)).toEqual(['for both', 'behind it']),
    PATIENCE,
  );
});

it('what was not sent is given up by a logout', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  anna.disconnect();
  const { sent } = chat.send('too late');
  await anna.session.logout();
  await expect(sent).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('what is ordered after a logout is refused, and not sent by whoever logs in next', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  await anna.session.logout();
  const { sent } = chat.send('of Anna');
  const edited = chat.edit(randomUUID(), 'of Anna');
  const username = ben.me.getSnapshot()?.username ?? '';
  await anna.session.login({ ...credentials(), username });
  await untilLive(anna);
  await chat.send('of Ben').sent;
  expect(textsOf(anna, chat.id)).toEqual(['of Ben']);
  expect(anna.outbox.getSnapshot()).toEqual([]);
  await expect(sent).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(edited).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('a logout forgets all that is kept, also where that was not read yet', async () => {
  const store = memoryStore();
  const before = await stage.client({ store });
  await before.chats.createDirect(before.me.getSnapshot()?.id ?? '');
  before.disconnect();
  await stage.clientOf({ store }).session.logout();
  expect(await store.read('')).toEqual([]);
});

it('a new text behind a message on its way is waited for, not its message alone', async () => {
  const [anna, ben] = [await stage.client(), await stage.client()];
  const chat = await directChat(anna, ben);
  const { key, sent } = chat.send('short');
  const edited = chat.edit(key, 'x'.repeat(20_000));
  await sent;
  await vi.waitFor(
    () => expect(anna.outbox.getSnapshot()).toMatchObject([{ status: 'failed' }]),
    PATIENCE,
  );
  anna.outbox.discard(anna.outbox.getSnapshot()[0]?.id ?? '');
  await expect(edited).rejects.toMatchObject({ code: 'CONFLICT' });
  const again = chat.send('one');
  await chat.edit(again.key, 'two');
  expect(textsOf(anna, chat.id)).toEqual(['short', 'two']);
});

describe('an answer that comes late', () => {
  it('about who it is, does not stop what a later connection brings', async () => {
    const proxy = await FaultProxy.start(stage.server.url);
    const store = memoryStore();
    const before = stage.clientOf({ store });
    await before.session.register(credentials());
    await untilLive(before);
    before.disconnect();
    const { fetch, letGo, untilHeld } = heldFetch('/v1/users/me');
    const anna = stage.clientOf({ url: proxy.url, store, fetch });
    anna.connect();
    await untilHeld();
    proxy.cutAll();
    await untilLive(anna);
    letGo();
    const ben = await stage.client();
    const chat = await directChat(anna, ben);
    ben.chats.open(chat.id).send('do you hear me?');
    await vi.waitFor(() => expect(textsOf(anna, chat.id)).toEqual(['do you hear me?']), PATIENCE);
    anna.disconnect();
    await proxy.stop();
  });

  it('about the token of the last login, does not bring that back', async () => {
    const store = memoryStore();
    const before = stage.clientOf({ store });
    await before.session.register(credentials());
    await untilLive(before);
    before.disconnect();
    const [[, kept] = ['', {}]] = await store.read('session');
    await store.write(new Map([['session', Object.assign({}, kept, { expiresAt: 0 })]]));
    const { fetch, letGo, untilHeld } = heldFetch('/v1/auth/refresh');
    const client = stage.clientOf({ store, fetch });
    client.connect();
    await untilHeld();
    const { user } = await client.session.register(credentials());
    letGo();
    await untilLive(client);
    expect(await client.request('getOwnUser', {})).toMatchObject({ id: user.id });
    client.disconnect();
    const again = stage.clientOf({ store });
    again.connect();
    await untilLive(again);
    expect(again.me.getSnapshot()?.id).toBe(user.id);
    expect(await again.request('getOwnUser', {})).toMatchObject({ id: user.id });
  });
});
