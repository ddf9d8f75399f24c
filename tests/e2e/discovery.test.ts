import { afterAll, beforeAll, expect, it } from 'vitest';
import { composer, expectAccessible, Stage } from './browser.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

it('public groups are found by their names, joined and opened', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  for (const title of ['Chess on Sundays', 'Mountains', 'Closed circle']) {
    const group = await anna.group([], { title });
    const visibility = title === 'Closed circle' ? 'private' : 'public';
    await anna.call('updateChat', { params: { id: group.id }, body: { visibility } });
  }
  const page = await stage.at(ben, {}, '/new');
  await page.getByRole('link', { name: 'Public groups' }).click();
  await page.getByRole('button', { name: 'Join Mountains' }).waitFor();
  expect(await page.getByText('Closed circle').count()).toBe(0);
  await expectAccessible(page);
  await page.getByRole('searchbox').fill('chess');
  await page.getByRole('button', { name: 'Join Mountains' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Join Chess on Sundays' }).click();
  await composer(page).waitFor();
  await page.goto(`${stage.url}/new/public`);
  await page.getByRole('button', { name: 'Open Chess on Sundays' }).click();
  await composer(page).waitFor();

  // Its owner decides whether others find it.
  const owner = await stage.at(anna);
  await owner.getByRole('link', { name: /Mountains/ }).click();
  await owner.getByRole('heading', { name: 'Mountains' }).click();
  await owner.getByRole('switch', { name: /Public group/ }).click();
  await owner.getByText('Group, 1 member').waitFor();
  await page.goto(`${stage.url}/new/public`);
  await page.getByRole('button', { name: 'Open Chess on Sundays' }).waitFor();
  expect(await page.getByText('Mountains').count()).toBe(0);
  expect(stage.faults).toEqual([]);
});

it('a chat is muted for some time, until a moment or for ever, on all devices', async () => {
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await ben.direct(anna);
  const [here, there] = await Promise.all([
    stage.at(anna, {}, `/c/${chat.id}/info`),
    stage.at(anna),
  ]);
  const mutedUntil = async () => {
    const { body } = await anna.call('getChat', { params: { id: chat.id } });
    return body.me?.mutedUntil;
  };
  const dialog = here.getByRole('dialog', { name: 'Mute this chat' });
  const muted = there
    .getByRole('img', { name: /^Muted/ })
    .or(there.locator('[aria-label^="Muted"]'));
  await here.getByText('You are notified').waitFor();

  const started = Date.now();
  await here.getByRole('button', { name: 'Mute', exact: true }).click();
  await dialog.waitFor();
  await expectAccessible(here);
  await dialog.getByRole('button', { name: '8 hours' }).click();
  await here.getByText(/^Muted until/).waitFor();
  await muted.first().waitFor();
  const hours = (Date.parse((await mutedUntil()) ?? '') - started) / 3_600_000;
  expect(Math.round(hours)).toBe(8);
  await here.getByRole('button', { name: 'Unmute' }).click();
  await here.getByText('You are notified').waitFor();
  await muted.first().waitFor({ state: 'detached' });

  await here.getByRole('button', { name: 'Mute', exact: true }).click();
  await dialog.getByLabel('Until').fill('2090-05-04T10:30');
  await dialog.getByRole('button', { name: 'Mute', exact: true }).click();
  await here.getByText(/^Muted until .*2090/).waitFor();
  await here.getByRole('button', { name: 'Unmute' }).click();

  await muted.first().waitFor({ state: 'detached' });

  // From the menu of the list as well.
  await there
    .getByRole('link', { name: new RegExp(ben.session.user.displayName) })
    .click({ button: 'right' });
  await there.getByRole('menuitem', { name: 'Mute', exact: true }).click();
  await there.getByRole('button', { name: 'Always' }).click();
  await here.getByText('Muted', { exact: true }).waitFor();
  expect(Date.parse((await mutedUntil()) ?? '')).toBeGreaterThan(Date.parse('9000-01-01'));
  expect(stage.faults).toEqual([]);
});
