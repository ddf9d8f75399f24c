import { afterAll, beforeAll, expect, it } from 'vitest';
import { messages, Stage, write } from './browser.js';
import { say } from './saying.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const written = ['one', 'two', 'three', 'four', 'five'];

it('what is written offline survives a reload and is sent once, in order, without a click', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await anna.direct(ben);
  await say(ben, chat.id, 'before');
  const page = await stage.at(anna, {}, `/c/${chat.id}`);
  await messages(page).getByText('before').waitFor();
  // The page is kept for being offline as soon as its worker has it.
  await page.evaluate('navigator.serviceWorker.ready');

  stage.way.fall();
  for (const text of written) await write(page, text);
  await page.getByText('5 messages wait to be sent').waitFor();
  await page.reload();
  await messages(page).getByText('before').waitFor();
  expect(await messages(page).locator('[data-status="queued"]').count()).toBe(5);

  stage.way.rise();
  await messages(page).nth(5).locator('[data-status="sent"]').waitFor();
  const stored = await ben.readHistory(chat.id);
  expect(stored.map(({ text }) => text)).toEqual(['before', ...written]);
  await page.getByText('You are offline').waitFor({ state: 'detached' });
  expect(stage.faults).toEqual([]);
});
