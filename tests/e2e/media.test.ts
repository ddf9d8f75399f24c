import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { files, type TestUser } from '@natter/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseFor, composer, expectAccessible, messages, Stage } from './browser.js';

const PATIENCE = { timeout: 30_000 };
const UPLOADS = '**/v1/uploads/**';
const ffmpeg = files.ffmpegFolder();

let stage: Stage;
let anna: TestUser;
let ben: TestUser;
let picture: Buffer;
beforeAll(async () => {
  stage = await Stage.open({}, ['--use-fake-device-for-media-stream']);
  picture = await files.jpeg(600, 400);
});
afterAll(() => stage.close());

/** Two who have a chat, with a window of each in it. */
async function pair(): Promise<{ chatId: string; atAnna: Page; atBen: Page }> {
  [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
  const { id: chatId } = await anna.direct(ben);
  const [atAnna, atBen] = await Promise.all(
    [anna, ben].map((user) => stage.at(user, {}, `/c/${chatId}`)),
  );
  if (!atAnna || !atBen) throw new Error('There is no window');
  await Promise.all([composer(atAnna).waitFor(), composer(atBen).waitFor()]);
  return { chatId, atAnna, atBen };
}

async function leave(...pages: readonly Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()));
}

function attach(page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  const input = page.locator('[data-region="conversation"] input[type=file]').first();
  return input.setInputFiles({ name, mimeType, buffer });
}

/** Does with a picture what a program beside the browser does: there is no other way to drag one. */
function bring(page: Page, name: string, by: 'paste' | 'drop'): Promise<unknown> {
  return page.evaluate(`{
    const bytes = Uint8Array.from(atob('${picture.toString('base64')}'), (part) => part.charCodeAt(0));
    const brought = new DataTransfer();
    brought.items.add(new File([bytes], '${name}', { type: 'image/jpeg' }));
    const options = { bubbles: true, cancelable: true };
    const drag = (type) => document.querySelector('[data-history]')
      .dispatchEvent(new DragEvent(type, { dataTransfer: brought, ...options }));
    if ('${by}' === 'drop') ['dragenter', 'dragover', 'drop'].forEach(drag);
    else document.querySelector('[data-composer]')
      .dispatchEvent(new ClipboardEvent('paste', { clipboardData: brought, ...options }));
  }`);
}

async function send(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Whether the picture of a tile has come, and not only its box. */
async function expectSeen(page: Page): Promise<void> {
  const isSeen = `[...document.querySelectorAll('[data-media=image] img')].some((image) =>
    image.complete && image.naturalWidth > 32)`;
  await expect.poll(() => page.evaluate(isSeen), PATIENCE).toBe(true);
}

/** What an expression about the player of the lightbox gives. */
function ofPlayer(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(`document.querySelector('[data-lightbox] video').${expression}`);
}

async function recording(): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'natter-media-'));
  try {
    const path = join(work, 'clip.webm');
    const pattern = ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=10:duration=20'];
    const coded = '-c:v libvpx -deadline realtime -cpu-used 8 -g 10'.split(' ');
    await files.makeByFfmpeg(ffmpeg ?? '', [...pattern, ...coded, path]);
    return await readFile(path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

it('a picture is chosen, captioned and sent, and is seen by the other, in the list and large', async () => {
  const { atAnna, atBen } = await pair();
  await attach(atAnna, 'beach.jpg', 'image/jpeg', picture);
  await atAnna.getByRole('list', { name: 'Files to send' }).getByText('beach.jpg').waitFor();
  await expectAccessible(atAnna);
  await composer(atAnna).fill('At the sea');
  await send(atAnna);
  await messages(atAnna).locator('[data-status="seen"]').waitFor(PATIENCE);

  const there = messages(atBen).filter({ hasText: 'At the sea' });
  await there.locator('[data-media=image]').waitFor();
  await expectSeen(atBen);
  await atBen.getByRole('list', { name: 'Chats' }).getByText('Photo · At the sea').waitFor();
  await there.getByRole('button', { name: 'Open Photo' }).click();
  const large = atBen.getByRole('dialog').getByRole('img', { name: 'beach.jpg' });
  await large.waitFor();
  await expectAccessible(atBen);
  await atBen.keyboard.press('Escape');
  await large.waitFor({ state: 'detached' });

  // Answered it is named; deleted it is gone.
  await chooseFor(atBen, 'At the sea', 'Reply');
  await composer(atBen).fill('Where is it?');
  await send(atBen);
  await messages(atAnna).getByText('Photo · At the sea').waitFor();
  await chooseFor(atAnna, 'At the sea', 'Delete for everyone');
  await messages(atBen)
    .locator('[data-media]')
    .waitFor({ state: 'detached', ...PATIENCE });
  await leave(atAnna, atBen);
});

describe.skipIf(ffmpeg === undefined)('with ffmpeg', () => {
  it('a video is sent by one, and plays and is sought in by the other', async () => {
    const { atAnna, atBen } = await pair();
    await attach(atAnna, 'clip.webm', 'video/webm', await recording());
    await send(atAnna);
    const tile = messages(atBen).locator('[data-media=video]');
    await tile.click(PATIENCE);
    const playsAfter = async (seconds: number): Promise<void> => {
      await expect.poll(() => ofPlayer(atBen, 'currentTime'), PATIENCE).toBeGreaterThan(seconds);
    };
    await playsAfter(0.2);
    expect(await ofPlayer(atBen, 'duration')).toBeCloseTo(20, 0);
    await ofPlayer(atBen, 'currentTime = 15');
    await playsAfter(15.1);
    expect(await ofPlayer(atBen, 'error')).toBe(null);

    // Its link is over after some minutes: it goes on by the next one, at the place where it was.
    const first = await ofPlayer(atBen, 'src');
    const download = atBen.getByRole('dialog').getByRole('link', { name: 'Download' });
    await atBen.clock.setSystemTime(Date.now() + 5 * 60_000);
    const newest = (): Promise<string | null> => download.getAttribute('href');
    await expect.poll(newest, PATIENCE).not.toBe(first);
    expect(await ofPlayer(atBen, 'src')).toBe(first);
    await ofPlayer(atBen, 'pause()');
    await ofPlayer(atBen, 'currentTime = 12');
    await ofPlayer(atBen, "dispatchEvent(new Event('error'))");
    await expect.poll(() => ofPlayer(atBen, 'src'), PATIENCE).toBe(await newest());
    await playsAfter(12.1);
    await leave(atAnna, atBen);
  });
});

it('while it is uploaded its progress is seen, and it can be taken back', async () => {
  const { chatId, atAnna, atBen } = await pair();
  const held = new Set<() => void>();
  await atAnna.route(UPLOADS, async (route) => {
    await new Promise<void>((resolve) => {
      held.add(resolve);
    });
    await route.continue().catch(() => undefined);
  });
  await attach(atAnna, 'slow.jpg', 'image/jpeg', picture);
  await send(atAnna);
  const progress = atAnna.getByRole('progressbar', { name: 'Sending slow.jpg' });
  await progress.waitFor();
  await expect.poll(() => held.size, PATIENCE).toBeGreaterThan(0);
  await expectSeen(atAnna);
  await expectAccessible(atAnna);
  await atAnna.getByRole('button', { name: 'Cancel sending slow.jpg' }).click();
  await progress.waitFor({ state: 'detached' });
  expect(await messages(atAnna).count()).toBe(0);

  // What comes after it is not kept up by it.
  await composer(atAnna).fill('Never mind');
  await send(atAnna);
  await messages(atBen).getByText('Never mind').waitFor(PATIENCE);
  for (const release of held) release();
  expect((await ben.readHistory(chatId)).map(({ kind }) => kind)).toEqual(['text']);
  await leave(atAnna, atBen);
});

it('what the server refuses says so, and goes when it is tried again', async () => {
  const { atAnna, atBen } = await pair();
  const problem = { code: 'TOO_LARGE', title: 'Too large', status: 413, detail: 'Too much of it' };
  await atAnna.route('**/v1/uploads', (route) =>
    route.fulfill({
      status: 413,
      contentType: 'application/problem+json',
      body: JSON.stringify(problem),
    }),
  );
  await attach(atAnna, 'large.jpg', 'image/jpeg', picture);
  await send(atAnna);
  await messages(atAnna).getByText('Discard').waitFor(PATIENCE);
  await expectAccessible(atAnna);
  await atAnna.unroute('**/v1/uploads');
  await messages(atAnna).getByText('Try again').click();
  await messages(atBen).locator('[data-media=image]').waitFor(PATIENCE);
  await leave(atAnna, atBen);
});

it('what is pasted is sent, also one that was pasted without a network', async () => {
  const { atAnna, atBen } = await pair();
  await bring(atAnna, 'pasted.jpg', 'paste');
  await atAnna.getByRole('list', { name: 'Files to send' }).getByText('pasted.jpg').waitFor();
  await atAnna.getByRole('button', { name: 'Remove pasted.jpg' }).click();
  await bring(atAnna, 'pasted.jpg', 'paste');
  await send(atAnna);
  await messages(atBen).locator('[data-media=image]').waitFor(PATIENCE);

  stage.way.fall();
  await atAnna.getByText('You are offline').waitFor(PATIENCE);
  await bring(atAnna, 'later.jpg', 'paste');
  await send(atAnna);
  await messages(atAnna).locator('[data-upload=waiting]').waitFor(PATIENCE);
  stage.way.rise();
  await expect.poll(() => messages(atBen).locator('[data-media=image]').count(), PATIENCE).toBe(2);
  await messages(atAnna)
    .locator('[data-upload]')
    .waitFor({ state: 'detached', ...PATIENCE });
  await leave(atAnna, atBen);
});

it('a voice note is recorded and heard, and who may not record is told why', async () => {
  const { atAnna, atBen } = await pair();
  const record = atAnna.getByRole('button', { name: 'Record a voice message' });
  await atAnna.context().grantPermissions(['microphone']);
  await record.click();
  const timer = atAnna.getByRole('timer');
  await expect.poll(() => timer.textContent(), PATIENCE).toMatch(/0:0[1-9]/);
  await expectAccessible(atAnna);
  await atAnna.getByRole('button', { name: 'Send the voice message' }).click();

  const note = messages(atBen).locator('[data-media=voice]');
  await note.getByRole('img', { name: 'Not played yet' }).waitFor(PATIENCE);
  await atBen
    .getByRole('list', { name: 'Chats' })
    .getByText(/Voice message 0:0\d/)
    .waitFor();
  await note.getByRole('button', { name: /^Play Voice message/ }).click();
  await note.getByRole('img', { name: 'Played', exact: true }).waitFor();
  await note.getByRole('button', { name: 'Speed: 1×' }).click();
  await note.getByRole('button', { name: 'Speed: 1.5×' }).waitFor();
  await expectAccessible(atBen);

  // Held it is sent when it is let go of, and given up when it is drawn aside.
  const { x, y } = (await record.boundingBox()) ?? { x: 0, y: 0 };
  const hold = async (): Promise<void> => {
    await atAnna.mouse.move(x + 10, y + 10);
    await atAnna.mouse.down();
    await expect.poll(() => timer.textContent(), PATIENCE).toMatch(/0:0[1-9]/);
  };
  await hold();
  await atAnna.mouse.up();
  await expect.poll(() => note.count(), PATIENCE).toBe(2);
  await hold();
  await atAnna.mouse.move(x - 200, y + 10, { steps: 4 });
  await timer.waitFor({ state: 'detached' });
  await atAnna.mouse.up();

  // By the keyboard, and given up.
  await record.focus();
  await atAnna.keyboard.press('Enter');
  await timer.waitFor();
  await atAnna.keyboard.press('Escape');
  await timer.waitFor({ state: 'detached' });

  await atBen.getByRole('button', { name: 'Record a voice message' }).click();
  await atBen.getByText('The microphone is not allowed here').waitFor(PATIENCE);
  await expectAccessible(atBen);
  await atBen.getByRole('button', { name: 'Close' }).click();
  expect(await messages(atAnna).count()).toBe(2);
  await leave(atAnna, atBen);
});

it('a picture of oneself is chosen, cut and seen by others, until it is removed', async () => {
  const { atAnna, atBen } = await pair();
  await atAnna.goto(`${stage.url}/settings/profile`);
  const chosen = { name: 'me.jpg', mimeType: 'image/jpeg', buffer: picture };
  await atAnna.locator('form input[type=file]').setInputFiles(chosen);
  const part = atAnna.getByRole('group', { name: /Part of the picture/ });
  await part.focus();
  await atAnna.keyboard.press('ArrowLeft');
  await expectAccessible(atAnna);
  await atAnna.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const avatars = atBen.locator('img[src*="/v1/avatars/"]');
  await avatars.first().waitFor(PATIENCE);
  await atAnna.getByRole('button', { name: 'Remove the picture' }).click();
  await avatars.first().waitFor({ state: 'detached', ...PATIENCE });
  await leave(atAnna, atBen);
});

it('the files of a chat are found again beside it', async () => {
  const { chatId, atAnna, atBen } = await pair();
  await attach(atAnna, 'plan.pdf', 'application/pdf', files.pdf());
  await bring(atAnna, 'beach.jpg', 'drop');
  await bring(atAnna, 'city.jpg', 'drop');
  await atAnna.getByRole('button', { name: 'Move city.jpg forward' }).click();
  await send(atAnna);
  await messages(atBen).getByText('plan.pdf').waitFor(PATIENCE);
  await atBen.goto(`${stage.url}/c/${chatId}/info`);
  await atBen.getByRole('link', { name: 'Media and files' }).click();
  const panel = atBen.getByRole('region', { name: 'Media and files' });
  await panel.locator('[data-media=image]').first().click(PATIENCE);
  // The newest first there, but onwards is always to what is newer.
  const large = (name: string) => atBen.getByRole('dialog').getByRole('img', { name });
  await large('beach.jpg').waitFor();
  await atBen.keyboard.press('ArrowLeft');
  await large('city.jpg').waitFor();
  await atBen.keyboard.press('ArrowRight');
  await large('beach.jpg').waitFor();
  await atBen.keyboard.press('Escape');
  await atBen.getByRole('dialog').waitFor({ state: 'detached' });
  await expectAccessible(atBen);
  await panel.getByRole('button', { name: 'Audio and files' }).click();
  await panel.getByRole('link', { name: /Download plan.pdf/ }).waitFor();
  await expectAccessible(atBen);
  await leave(atAnna, atBen);
});

it('nothing of it broke the policy or asked anybody else', () => {
  expect(stage.faults).toEqual([]);
});
