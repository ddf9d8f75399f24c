import { afterAll, beforeAll, expect, it } from 'vitest';
import { composer, Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

it('what is pinned is shown above the chat, also where it is not loaded, until it is unpinned', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await anna.direct(ben);
  const atBen = await ben.connect();
  const old = await atBen.send(chat.id, 'The key is under the mat');
  for (let index = 0; index < 120; index += 1) await atBen.send(chat.id, `line ${index}`);
  await atBen.command('pinMessage', { messageId: old.id });
  const page = await stage.at(anna, {}, `/c/${chat.id}`);
  await composer(page).waitFor();
  const bar = page.getByRole('button', { name: /Pinned.*The key is under the mat/ });
  await bar.waitFor();
  const { id } = await atBen.send(chat.id, 'And the cat is inside');
  await atBen.command('pinMessage', { messageId: id });
  await page.getByRole('button', { name: /1 of 2.*And the cat is inside/ }).waitFor();
  await atBen.command('unpinMessage', { messageId: id });
  await bar.waitFor();
  await atBen.command('unpinMessage', { messageId: old.id });
  await bar.waitFor({ state: 'detached' });
  expect(await bar.count()).toBe(0);
  atBen.close();
});
