import { queryDatabase, type TestUser } from '@natter/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { composer, expectAccessible, messages, Stage } from './browser.js';
import { sayMany } from './saying.js';

const COUNT = 300;

let stage: Stage;
let page: Page;
let path: string;
let anna: TestUser;
beforeAll(async () => {
  stage = await Stage.open();
  const [user, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  anna = user;
  const { id } = await anna.direct(ben);
  await sayMany(anna, id, COUNT);
  // The first hundred ten days ago, the second five.
  const ago = (days: number, upTo: number) =>
    queryDatabase(
      stage.server.databaseUrl,
      `update messages set created_at = created_at - make_interval(days => $3) where chat_id = $1 and seq <= $2`,
      [id, upTo, days],
    );
  await ago(5, 100);
  await ago(5, 200);
  await queryDatabase(
    stage.server.databaseUrl,
    `update chats set created_at = created_at - interval '11 days' where id = $1`,
    [id],
  );
  path = `/c/${id}`;
});
// A new browser each time, also for a test that is tried again.
beforeEach(async () => {
  page = await stage.at(anna, {}, path);
  await composer(page).waitFor();
});
afterAll(() => stage.close());

const row = (number: number) => messages(page).filter({ hasText: `number ${number} of` });
/** Whether the newest message is where it is seen, not only in the page. */
async function isEndInSight(): Promise<boolean> {
  const patient = { timeout: 1000 };
  const [box, frame] = await Promise.all([
    row(COUNT)
      .boundingBox(patient)
      .catch(() => null),
    page.locator('[data-history]').boundingBox(patient),
  ]);
  return box !== null && frame !== null && box.y >= frame.y && box.y < frame.y + frame.height;
}
/** Chooses from the chat's menu. */
async function choose(action: string): Promise<void> {
  const header = page.locator('[data-region="conversation"] header').first();
  await header.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}
const stickyDate = () => page.locator('[data-sticky-date]');
const dayAgo = (days: number) => {
  const date = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, '0')).join('-');
};

it('what grows has its new size at once, also for who wants less motion', async () => {
  // The list reckons with it in the same moment.
  const heights = await page.evaluate(`(() => {
    const box = document.querySelector('[data-history]').lastElementChild;
    return ['4000px', '5000px'].map((height) => {
      box.style.height = height;
      return box.offsetHeight;
    });
  })()`);
  expect(heights).toEqual([4000, 5000]);
});

it('the day of what is in sight stands above it, and leads to another one and back', async () => {
  await expect.poll(isEndInSight, { timeout: 15_000 }).toBe(true);
  await stickyDate().getByText('Today').waitFor();
  await stickyDate().click();
  const dialog = page.getByRole('dialog', { name: 'Go to a date' });
  await dialog.getByLabel('Date').fill(dayAgo(7));
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Go there' }).click();
  await row(101).waitFor();
  await expect.poll(() => stickyDate().textContent(), { timeout: 15_000 }).not.toBe('Today');
  await page.getByRole('button', { name: 'Back to where you were' }).click();
  await row(COUNT).waitFor();
  await page.getByRole('button', { name: 'Back to where you were' }).waitFor({ state: 'detached' });

  // By the menu as well; before the first message it is the first one.
  await choose('Go to a date');
  await dialog.getByLabel('Date').fill(dayAgo(11));
  await dialog.getByRole('button', { name: 'Go there' }).click();
  await row(1).waitFor();
  await page.getByRole('button', { name: 'To the newest message' }).click();
  await row(COUNT).waitFor();
  expect(stage.faults).toEqual([]);
});

it('two hundred messages at a time are there as plain text', async () => {
  await choose('As plain text');
  const lines = page.locator('aside').getByRole('listitem');
  await expect.poll(() => lines.count(), { timeout: 15_000 }).toBe(200);
  await page.getByText('200 messages are shown.').waitFor();
  expect(await lines.last().textContent()).toContain(`number ${COUNT} of`);
  await expectAccessible(page);
  await page.locator('aside').getByRole('button', { name: 'Load 200 more' }).click();
  await expect.poll(() => lines.count(), { timeout: 15_000 }).toBe(COUNT);
  expect(await page.locator('aside').getByRole('heading', { level: 3 }).count()).toBe(3);
  expect(await page.locator('aside').getByRole('button', { name: /Load/ }).count()).toBe(0);
  expect(new URL(page.url()).pathname).toBe(`${path}/transcript`);
  expect(stage.faults).toEqual([]);
});
