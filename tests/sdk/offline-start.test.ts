import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatClientOptions, type ClientStore, type Clock, memoryStore } from '@natter/client';
import { fileStore } from '@natter/client/node';
import { FaultProxy, freshName } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PATIENCE, Stage, textsOf, untilLive } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

describe('a start without a network', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'natter-offline-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const elsewhen = (laterMs: number): Clock => ({
    now: () => Date.now() + laterMs,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  const DAY_MS = 86_400_000;
  const cut = () => Promise.reject(new TypeError('no network'));
  /** As where a network wants a login of its own. */
  const portal = (status: number) => () =>
    Promise.resolve(new Response('<h1>Welcome to the train</h1>', { status }));

  const networks: [string, Partial<ChatClientOptions>][] = [
    ['with a token that is valid', { fetch: cut }],
    ['with a token that has ended', { fetch: cut, clock: elsewhen(DAY_MS) }],
    ...[200, 302, 401, 403, 404, 511].map((status): [string, Partial<ChatClientOptions>] => [
      `where somebody else answers ${status}`,
      { fetch: portal(status), clock: elsewhen(DAY_MS) },
    ]),
  ];

  it('shows what was kept, says that it is offline, and goes on when there is one', async () => {
    const path = join(folder, 'kept.jsonl');
    const store = fileStore(path);
    const anna = await stage.client({ store });
    const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    await notes.send('a note').sent;
    await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
    const me = anna.me.getSnapshot();
    anna.disconnect();
    await store.close();
    for (const [network, options] of networks) {
      const kept = fileStore(path);
      const client = stage.clientOf({ connect: cut, ...options, store: kept });
      const states: string[] = [];
      client.on('stateChanged', ({ status }) => states.push(status));
      client.connect();
      await vi.waitFor(() => expect(client.state, network).toHaveProperty('retryAt'), PATIENCE);
      expect(states, network).toEqual(['connecting', 'offline']);
      expect(client.me.getSnapshot(), network).toEqual(me);
      expect(client.chats.list().getSnapshot(), network).toMatchObject([
        { id: notes.id, lastMessage: { text: 'a note' } },
      ]);
      client.disconnect();
      await kept.close();
    }
    const again = stage.clientOf({ store: fileStore(path) });
    again.connect();
    await untilLive(again);
  });

  it('shows what was kept before anything has answered', async () => {
    const store = memoryStore();
    const anna = await stage.client({ store });
    await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    const me = anna.me.getSnapshot();
    anna.disconnect();
    const never = () => new Promise<never>(() => undefined);
    const client = stage.clientOf({ store, fetch: never, connect: never });
    client.connect();
    await vi.waitFor(() => expect(client.me.getSnapshot()).toEqual(me), PATIENCE);
    expect(client.chats.list().getSnapshot()).toHaveLength(1);
    await vi.waitFor(() => expect(client.state).toEqual({ status: 'connecting' }), PATIENCE);
  });

  it('reads with the next connection what could not be read at first', async () => {
    const store = memoryStore();
    const anna = await stage.client({ store });
    const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    anna.disconnect();
    notes.send('kept');
    await vi.waitFor(
      async () =>
        expect(await store.read(`user/${anna.me.getSnapshot()?.id}/outbox/`)).toHaveLength(1),
      PATIENCE,
    );
    let isBroken = true;
    const read: ClientStore['read'] = (prefix) =>
      isBroken ? Promise.reject(new Error('Not now')) : store.read(prefix);
    const client = stage.clientOf({ store: { ...store, read } });
    client.connect();
    await vi.waitFor(() => expect(client.state.status).toBe('authRequired'), PATIENCE);
    isBroken = false;
    client.connect();
    await untilLive(client);
    await vi.waitFor(() => expect(textsOf(client, notes.id)).toEqual(['kept']), PATIENCE);
  });

  it('shows as queued what was on its way when the last client ended', async () => {
    const proxy = await FaultProxy.start(stage.server.url);
    const store = memoryStore();
    const anna = stage.clientOf({ url: proxy.url, store });
    await anna.session.register({ username: freshName(), password: 'correct horse battery' });
    await untilLive(anna);
    const notes = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    proxy.forgetAll();
    const { key } = notes.send('on its way');
    await vi.waitFor(async () => {
      const rows = await store.read(`user/${anna.me.getSnapshot()?.id}/outbox/`);
      expect(rows.map(([, row]) => row)).toMatchObject([{ item: { id: key, status: 'sending' } }]);
    }, PATIENCE);
    // As the end of a process: nothing is told to this client any more, and what it has stored stays.
    const rows = new Map(await store.read(''));
    anna.disconnect();
    await proxy.stop();
    const kept = memoryStore();
    await kept.write(rows);
    const client = stage.clientOf({ store: kept, connect: cut });
    client.connect();
    await vi.waitFor(() => expect(client.outbox.getSnapshot()).toHaveLength(1), PATIENCE);
    expect(client.outbox.getSnapshot()).toMatchObject([{ id: key, status: 'queued', attempts: 1 }]);
  });
});
