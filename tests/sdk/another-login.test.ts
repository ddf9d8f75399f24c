import { type ChatClient, memoryStore } from '@natter/client';
import { freshName } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { heldFetch } from './held-fetch.js';
import { PATIENCE, Stage, untilLive } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

async function registered(client: ChatClient): Promise<string> {
  const credentials = { username: freshName(), password: 'correct horse battery' };
  const { user } = await client.session.register(credentials);
  return user.id;
}

describe('a login over another one', () => {
  it.each([
    ['who it is', '/v1/users/me'],
    ['what chats there are', '/v1/chats'],
  ])('is not undone by an answer to the last one about %s', async (_, path) => {
    const store = memoryStore();
    const before = stage.clientOf({ store });
    const annaId = await registered(before);
    await untilLive(before);
    before.disconnect();
    // Without what was known, everything is asked for.
    const rows = await store.read(`user/${annaId}/`);
    await store.write(new Map(rows.map(([key]) => [key, undefined])));

    const { fetch, letGo, untilHeld } = heldFetch(path);
    const client = stage.clientOf({ store, fetch });
    client.connect();
    await untilHeld();
    const benId = await registered(client);
    const users = new Set<string | undefined>();
    client.data.subscribe(() => users.add(client.data.getSnapshot()?.me));
    letGo();
    await untilLive(client);
    expect(client.me.getSnapshot()?.id).toBe(benId);
    const notes = await client.chats.createDirect(benId);
    await notes.send('to myself').sent;
    client.disconnect();
    expect([...users]).toEqual([benId]);

    const offline = stage.clientOf({ store, connect: () => new Promise(() => undefined) });
    offline.connect();
    await vi.waitFor(() => expect(offline.me.getSnapshot()).toBeDefined(), PATIENCE);
    expect(offline.me.getSnapshot()?.id).toBe(benId);
    offline.chats.open(notes.id).send('in a plane');
    await vi.waitFor(
      async () => expect(await store.read(`user/${benId}/outbox/`)).toHaveLength(1),
      PATIENCE,
    );
    expect(offline.outbox.getSnapshot()).toHaveLength(1);
  });
});
