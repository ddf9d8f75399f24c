import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { composer, messages, Stage } from './browser.js';
import { sayMany } from './saying.js';

/** `LONG_CHAT=50000` for a longer one, which takes some minutes to be written. */
const COUNT = Number(process.env['LONG_CHAT'] ?? 5000);
const MOST_ROWS = 100;

let stage: Stage;
let page: Page;
beforeAll(async () => {
  stage = await Stage.open();
  const [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const chat = await anna.direct(ben);
  await sayMany(ben, chat.id, COUNT);
  page = await stage.at(anna, {}, `/c/${chat.id}`);
  await composer(page).waitFor();
}, 240_000);
afterAll(() => stage.close());

const row = (number: number) => messages(page).filter({ hasText: `number ${number} of` });
/** Whether a message is within the part of the history that is seen. */
async function isInSight(number: number): Promise<boolean> {
  const [box, frame] = await Promise.all([
    row(number)
      .boundingBox({ timeout: 1000 })
      .catch(() => null),
    page.locator('[data-history]').boundingBox(),
  ]);
  if (!box || !frame) return false;
  return box.y >= frame.y && box.y + box.height <= frame.y + frame.height;
}
const scrollTop = () => page.evaluate('document.querySelector("[data-history]").scrollTop');

it('opens at the first unread message, not at the first one', async () => {
  await page.getByText('Unread messages', { exact: true }).waitFor();
  expect(await messages(page).count()).toBeLessThan(MOST_ROWS);
});

it('goes to its end at a press, and loads what comes into sight on the way up', async () => {
  await page.getByRole('button', { name: /To .*new/ }).click();
  await row(COUNT).waitFor();
  const history = page.locator('[data-history]');
  for (let turn = 0; turn < 12; turn += 1) {
    await history.hover();
    await page.mouse.wheel(0, -1500);
    await page.evaluate(
      'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
    );
    expect(await messages(page).count()).toBeLessThan(MOST_ROWS);
  }
  await expect.poll(() => isInSight(COUNT), { timeout: 10_000 }).toBe(false);
  await page.getByRole('button', { name: 'To the newest message' }).click();
  await row(COUNT).waitFor();
});

it('jumps to a message that a search found, and keeps its place while older ones come', async () => {
  await page.getByRole('button', { name: 'Search in this chat' }).click();
  await page.locator('aside').getByRole('searchbox').fill('number 1234');
  await page
    .locator('aside')
    .getByRole('link', { name: /number 1234 of/ })
    .click();
  await row(1234).waitFor();
  // What is loaded above and below it moves it nowhere.
  await expect.poll(() => isInSight(1234), { timeout: 10_000 }).toBe(true);
  await expect
    .poll(() => page.locator('[data-history]').getAttribute('aria-busy'))
    .not.toBe('true');
  expect(await isInSight(1234)).toBe(true);
  expect(await messages(page).count()).toBeLessThan(MOST_ROWS);
  expect(Number(await scrollTop())).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'To the newest message' }).click();
  await row(COUNT).waitFor();
  expect(stage.faults).toEqual([]);
});
