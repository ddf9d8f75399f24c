import { files } from '@natter/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { composer, expectAccessible, messages, openChat, Stage, write } from './browser.js';

const PATIENCE = { timeout: 30_000 };

// Its names are taken once on a stage: a test that is tried again has a new one.
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

it('a caption names a member, who sees it in his list and in the message', async () => {
  const [anna, ben] = await Promise.all([
    stage.server.user('anna-who-names'),
    stage.server.user('ben-who-is-named'),
  ]);
  const { id } = await anna.group([ben], { title: 'Beach' });
  const [atAnna, atBen] = await Promise.all([stage.at(anna, {}, `/c/${id}`), stage.at(ben)]);
  await composer(atAnna).waitFor();
  await write(atAnna, 'Good morning');
  const row = atBen.getByRole('list', { name: 'Chats' }).getByRole('link', { name: /Beach/ });
  await row.getByText('1 unread message').waitFor();
  expect(await row.getByLabel('Mentions you').count()).toBe(0);

  const picture = { name: 'beach.jpg', mimeType: 'image/jpeg', buffer: await files.jpeg(600, 400) };
  const input = atAnna.locator('[data-region="conversation"] input[type=file]').first();
  await input.setInputFiles(picture);
  await atAnna.getByRole('list', { name: 'Files to send' }).getByText('beach.jpg').waitFor();
  await composer(atAnna).pressSequentially('Look @ben');
  await atAnna.getByRole('option', { name: /ben-who-is-named/ }).waitFor();
  await composer(atAnna).press('Enter');
  await composer(atAnna).press('Enter');

  await row.getByLabel('Mentions you').waitFor(PATIENCE);
  await expectAccessible(atBen);
  await openChat(atBen, /Beach/);
  const there = messages(atBen).filter({ has: atBen.locator('[data-media=image]') });
  await there.getByText('@ben-who-is-named', { exact: true }).waitFor();
  expect(await there.textContent()).toContain('Look @ben-who-is-named');
  await row.getByLabel('Mentions you').waitFor({ state: 'detached' });
  expect(stage.faults).toEqual([]);
});
