import type { TestUser } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composer, expectAccessible, messages, Stage, write } from './browser.js';

let stage: Stage;
let anna: TestUser;
let ben: TestUser;
let groupId: string;
beforeAll(async () => {
  stage = await Stage.open();
  [anna, ben] = await Promise.all([stage.server.user('axe-anna'), stage.server.user('axe-ben')]);
  groupId = (await anna.group([ben], { title: 'A group' })).id;
  await anna.direct(ben);
});
afterAll(() => stage.close());

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it('the login has nothing that keeps anybody out', async () => {
    const page = await stage.window({ colorScheme });
    await page.goto(stage.url);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Create an account' }).click();
    await expectAccessible(page);
    await page.context().close();
  });

  it('a conversation, its menus and its details have nothing that keeps anybody out', async () => {
    const page = await stage.at(anna, { colorScheme }, `/c/${groupId}`);
    await composer(page).waitFor();
    await write(page, 'A message, with https://example.com in it');
    await write(page, '👍');
    await messages(page).last().waitFor();
    await expectAccessible(page);
    await messages(page).first().click({ button: 'right' });
    await page.getByRole('menu').waitFor();
    await expectAccessible(page);
    await page.getByRole('menuitem', { name: 'Forward' }).click();
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Emoji' }).click();
    await page.getByRole('gridcell').first().waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    for (const path of ['info', 'search']) {
      await page.goto(`${stage.url}/c/${groupId}/${path}`);
      await page.locator('aside').locator('header, h2').first().waitFor();
      await expectAccessible(page);
    }
    await page.context().close();
  });

  it.each([
    '/',
    '/new',
    '/new/group',
    '/new/public',
    '/starred',
    '/settings',
    '/settings/profile',
    '/settings/notifications',
    '/settings/privacy',
    '/settings/blocked',
    '/settings/devices',
    '/settings/appearance',
    '/settings/account',
    '/invite/gone',
  ])('the screen at %s has nothing that keeps anybody out', async (path) => {
    const page = await stage.at(anna, { colorScheme }, path);
    await page.locator('h1, h2').first().waitFor();
    await expectAccessible(page);
    await page.context().close();
  });

  it('a phone and a right-to-left language have nothing that keeps anybody out', async () => {
    const phone = { viewport: { width: 390, height: 844 }, locale: 'ar', colorScheme };
    const page = await stage.window(phone);
    await page.goto(stage.url);
    await page.getByLabel('اسم المستخدم').fill('axe-anna');
    await page.getByLabel('كلمة المرور').fill('correct horse battery');
    await page.getByRole('button', { name: 'تسجيل الدخول' }).click();
    await page.getByRole('link', { name: /A group/ }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await expectAccessible(page);
    await page.getByRole('link', { name: /A group/ }).click();
    await messages(page).first().waitFor();
    await expectAccessible(page);
    await page.context().close();
  });
});

it('nothing of it broke the policy or asked anybody else', () => {
  expect(stage.faults).toEqual([]);
});
