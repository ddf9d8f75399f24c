import { type ClientStore, createBackgroundClient, memoryStore } from '@natter/client';
import { fakeClock } from '@natter/client/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage, untilLive } from './stage.js';

/** Longer than an access token lives. */
const NEXT_HOUR_MS = 60 * 60 * 1000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

/** A store that a page and its worker share, each with the same name. */
function sharedStore(): ClientStore {
  return { ...memoryStore(), sharedName: `shared-${crypto.randomUUID()}` };
}

function workerOf(store: ClientStore, clock = fakeClock(Date.now())) {
  return createBackgroundClient({ url: stage.server.url, store, clock });
}

const nobody = { code: 'UNAUTHENTICATED' };

it('a worker asks as the user of the page, which needs not be there', async () => {
  const store = memoryStore();
  const page = await stage.client({ store });
  const me = page.me.getSnapshot()?.id;
  page.disconnect();
  expect((await workerOf(store).request('getOwnUser', {})).id).toBe(me);
});

it('AUTH-2 a page and its workers renew one login at once, and none of them ends it', async () => {
  const store = sharedStore();
  const clock = fakeClock(Date.now());
  const page = await stage.client({ store, clock });
  for (let hour = 0; hour < 3; hour += 1) {
    await clock.advance(NEXT_HOUR_MS);
    const workers = [1, 2, 3].map(() => workerOf(store, clock).request('getOwnUser', {}));
    const users = await Promise.all([page.request('getOwnUser', {}), ...workers]);
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
  }
  // A worker alone has renewed it, and used what it got; the page goes on with that.
  await clock.advance(NEXT_HOUR_MS);
  await workerOf(store, clock).request('getOwnUser', {});
  await clock.advance(NEXT_HOUR_MS);
  await page.request('getOwnUser', {});
  page.disconnect();
  const next = stage.clientOf({ store, clock });
  next.connect();
  await untilLive(next);
});

it('AUTH-2 what a worker cannot store it does not use', async () => {
  const store = sharedStore();
  const clock = fakeClock(Date.now());
  const page = await stage.client({ store, clock });
  const readOnly = { ...store, write: () => Promise.reject(new Error('The disk is full')) };
  await clock.advance(NEXT_HOUR_MS);
  await expect(workerOf(readOnly, clock).request('getOwnUser', {})).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  expect(await page.request('getOwnUser', {})).toBeDefined();
});

it('after a logout nobody asks any more', async () => {
  const store = memoryStore();
  const page = await stage.client({ store });
  const worker = workerOf(store);
  await page.session.logout();
  await expect(worker.request('getOwnUser', {})).rejects.toMatchObject(nobody);
  await expect(workerOf(store).request('getOwnUser', {})).rejects.toMatchObject(nobody);
});
