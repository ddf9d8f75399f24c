import { afterEach, beforeEach, expect, it } from 'vitest';
import { composer, messages, Stage, write } from './browser.js';

// Its names are taken once on a stage: a test that is tried again has a new one.
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

async function register(username: string, displayName: string) {
  const page = await stage.window();
  await page.goto(stage.url);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Your name').fill(displayName);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page
    .getByRole('heading', { name: 'No chats yet' })
    .or(page.getByText('No chats yet'))
    .first()
    .waitFor();
  return page;
}

it('two people sign up, find each other and talk, without anybody else hearing of it', async () => {
  const [anna, ben] = await Promise.all([register('anna', 'Anna'), register('ben', 'Ben')]);

  await anna.getByRole('link', { name: 'New chat' }).click();
  await anna.getByLabel('Search people').fill('ben');
  await anna.getByRole('button', { name: /Ben/ }).click();
  await write(anna, 'Hello, Ben!');

  // It is unread at Ben's until he opens it, and then seen at Anna's.
  const row = ben.getByRole('link', { name: /Anna.*Hello, Ben!/ });
  await row.waitFor();
  await ben.getByText('1 unread message').waitFor();
  expect(await ben.title()).toBe('(1) Natter');
  await anna.locator('[data-status="delivered"]').first().waitFor();
  await row.click();
  await messages(ben).getByText('Hello, Ben!').waitFor();
  await messages(anna).locator('[data-status="seen"]').waitFor();
  await ben.getByText('1 unread message').waitFor({ state: 'detached' });

  await composer(ben).pressSequentially('Hi');
  await anna.getByText('typing …').first().waitFor();
  await write(ben, 'Hi Anna, look: https://example.com/a?b=1');
  const link = messages(anna).getByRole('link', { name: 'https://example.com/a?b=1' });
  await link.waitFor();
  expect(await link.getAttribute('rel')).toContain('noopener');
  expect(await link.getAttribute('target')).toBe('_blank');

  // What looks like markup stays what was written.
  await write(ben, '<img src=x onerror=alert(1)> **bold**');
  await messages(anna).getByText('<img src=x onerror=alert(1)> **bold**').waitFor();

  expect(stage.faults).toEqual([]);
});

it('a wrong password and a name that is taken are told where they belong', async () => {
  await stage.server.user('anna');
  const page = await stage.window();
  await page.goto(stage.url);
  await page.getByLabel('Username').fill('anna');
  await page.getByLabel('Password').fill('wrong horse');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('Username or password are wrong.').waitFor();
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill('ANNA');
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('This username is taken.').waitFor();
  expect(stage.faults).toEqual([]);
});
