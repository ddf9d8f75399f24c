import { afterAll, beforeAll, expect, it } from 'vitest';
import { composer, messages, openChat, Stage, write } from './browser.js';
import { say } from './saying.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

it('a device that is revoked in another window is out at once', async () => {
  const anna = await stage.server.user();
  const [here, there] = await Promise.all([stage.at(anna), stage.at(anna)]);
  await here.goto(`${stage.url}/settings/devices`);
  await here.getByText('This device').waitFor();
  // Newest first, but for this one: the device of the account's making is the last.
  await here.getByRole('button', { name: 'Log out', exact: true }).first().waitFor();
  await here.getByRole('button', { name: 'Log out all others' }).click();
  await here.getByRole('dialog').getByRole('button', { name: 'Log out all others' }).click();
  await there.getByText('This device was logged out.').waitFor();
  await there.reload();
  await there.getByRole('button', { name: 'Log in' }).waitFor();
  expect(await here.getByText('This device').count()).toBe(1);
});

it('drafts, read marks and stars are on all devices', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await anna.direct(ben);
  await say(ben, chat.id, 'one');
  const [here, there] = await Promise.all([stage.at(anna), stage.at(anna)]);
  await there.getByText('1 unread message').waitFor();
  await openChat(here, /one/);
  await there.getByText('1 unread message').waitFor({ state: 'detached' });
  await composer(here).fill('half a thou');
  await there.getByText('Draft:').waitFor();
  await here.reload();
  await composer(here).waitFor();
  expect(await composer(here).inputValue()).toBe('half a thou');
  await write(here, 'half a thought');
  await there.getByText('Draft:').waitFor({ state: 'detached' });
});

it('two tabs of one browser are one device and both live', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await anna.direct(ben);
  const first = await stage.at(anna);
  const second = await first.context().newPage();
  await second.goto(`${stage.url}/c/${chat.id}`);
  await first.goto(`${stage.url}/c/${chat.id}`);
  await say(ben, chat.id, 'to both');
  await messages(first).getByText('to both').waitFor();
  await messages(second).getByText('to both').waitFor();
  await write(second, 'from the second');
  await messages(first).getByText('from the second').waitFor();
  await first.close();
  await say(ben, chat.id, 'to the one that is left');
  await messages(second).getByText('to the one that is left').waitFor();
  await write(second, 'still here');
  await messages(second)
    .filter({ hasText: 'still here' })
    .locator('[data-status="sent"]')
    .waitFor();
  expect(stage.faults).toEqual([]);
});

it('who is blocked is not heard of, until he is unblocked', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await anna.direct(ben);
  const page = await stage.at(anna, {}, `/c/${chat.id}/info`);
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click();
  await page.getByText(/You have blocked/).waitFor();
  await say(ben, chat.id, 'unheard');
  await page.getByRole('button', { name: 'Unblock' }).first().click();
  await composer(page).waitFor();
  await say(ben, chat.id, 'heard');
  await messages(page).getByText('heard', { exact: true }).waitFor();
  expect(await messages(page).getByText('unheard').count()).toBe(0);
});
