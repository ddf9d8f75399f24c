import { afterEach, beforeEach, expect, it } from 'vitest';
import { composer, messages, Stage } from './browser.js';

// Its names are taken once on a stage: a test that is tried again has a new one.
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

it('a whole conversation needs no pointer', async () => {
  const [anna, ben] = await Promise.all([
    stage.server.user('keys-anna'),
    stage.server.user('keys-ben'),
  ]);
  const page = await stage.at(anna);
  const press = (...keys: string[]) =>
    keys.reduce(async (before, key) => {
      await before;
      await page.keyboard.press(key);
    }, Promise.resolve());

  // A chat is begun.
  await press('Alt+n');
  await page.getByLabel('Search people').waitFor();
  await page.keyboard.type('keys-ben');
  await page.getByRole('button', { name: /keys-ben/ }).waitFor();
  await press('Tab', 'Tab', 'Enter');
  await composer(page).waitFor();
  await press('F6', 'F6');
  await composer(page).focus();
  await page.keyboard.type('first');
  await press('Enter');
  await page.keyboard.type('second');
  await press('Enter');
  await messages(page).nth(1).waitFor();

  // Up edits the last message.
  await press('ArrowUp');
  await page.getByText('Editing').waitFor();
  await press('End');
  await page.keyboard.type(' thoughts');
  await press('Enter');
  await messages(page).getByText('second thoughts').waitFor();

  // From the field back to the messages, up to the first one, and its menu.
  await messages(page).last().focus();
  await press('ArrowUp');
  await page.locator('[data-row]:focus').filter({ hasText: 'first' }).waitFor();
  await press('Enter');
  await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
  await page.getByRole('menuitem', { name: 'Reply' }).press('Enter');
  await page.getByText('Reply to You').waitFor();
  await page.keyboard.type('an answer');
  await press('Enter');
  await messages(page).filter({ hasText: 'an answer' }).getByText('first').waitFor();
  await press('ArrowUp', 'Escape');
  await page.getByText('Editing').waitFor({ state: 'detached' });

  // The list of chats, its search and the list of keys.
  await press('Control+k');
  await page.locator('#chat-search:focus').waitFor();
  await page.keyboard.type('answer');
  await page
    .getByRole('link', { name: /an answer/ })
    .last()
    .waitFor();
  await press('Escape', 'Control+f');
  await page.locator('aside').getByRole('searchbox').waitFor();
  await press('Escape');
  await page.locator('aside').getByRole('searchbox').waitFor({ state: 'detached' });
  await press('Control+/');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect((await ben.call('listChats', {})).body.items).toHaveLength(1);
  expect(stage.faults).toEqual([]);
});
