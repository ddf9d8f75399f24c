import { randomUUID } from 'node:crypto';
import { TestPushService, type TestSubscription, type TestUser } from '@natter/testing';
import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { expectAccessible, logIn, messages, Stage } from './browser.js';
import { say } from './saying.js';

const PATIENCE = { timeout: 20_000 };

let service: TestPushService;
let stage: Stage;
beforeAll(async () => {
  service = await TestPushService.start();
  stage = await Stage.open({ push: { loopback: true, graceMs: 0, retryMs: 100 } });
});
afterAll(async () => {
  await stage.close();
  await service.stop();
});

let anna: TestUser;
let ben: TestUser;
beforeEach(async () => {
  [anna, ben] = await Promise.all([stage.server.user(), stage.server.user()]);
});

/**
 * Chromium's own push service is on the internet. In its place the browser's subscription is one of a service on this
 * machine; everything behind it is real: the server encrypts and sends, and the worker takes what came.
 */
const subscribeTo = (json: TestSubscription['json']): string => `
  const KEY = 'subscribed-with';
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const subscription = () => {
    const key = localStorage.getItem(KEY);
    return key === null ? null : {
      options: { applicationServerKey: bytes(key).buffer },
      toJSON: () => (${JSON.stringify(json)}),
      unsubscribe: async () => { localStorage.removeItem(KEY); return true; },
    };
  };
  PushManager.prototype.getSubscription = async () => subscription();
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.setItem(KEY, applicationServerKey);
    return subscription();
  };`;
const isSubscribed = (page: Page) =>
  page.evaluate<boolean>('localStorage.getItem("subscribed-with") !== null');

/** A browser of somebody who has logged in, and what its push service gets. */
async function browserOf(user: TestUser, path = '/settings/notifications') {
  const phone = service.subscription();
  const page = await stage.window();
  await page.context().addInitScript({ content: subscribeTo(phone.json) });
  await page.goto(stage.url + path);
  await logIn(page, user);
  return { phone, page };
}

const theSwitch = (page: Page) => page.getByRole('switch', { name: /Notify me/ });

async function turnOn(page: Page): Promise<void> {
  await page.context().grantPermissions(['notifications'], { origin: stage.url });
  await theSwitch(page).click();
  await expect.poll(() => theSwitch(page).isChecked(), PATIENCE).toBe(true);
}

/** Hands a push to the page's worker, as the browser does. */
async function deliver(page: Page, payload: object): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  await cdp.send('ServiceWorker.deliverPushMessage', {
    origin: stage.url,
    registrationId: await registered,
    data: JSON.stringify(payload),
  });
  await cdp.detach();
}

function workerOf(page: Page): Worker {
  const [worker] = page.context().serviceWorkers();
  if (!worker) throw new Error('There is no service worker');
  return worker;
}

interface Shown {
  readonly title: string;
  readonly body: string;
}

/** What the browser shows at the moment. */
function alerts(page: Page): Promise<Shown[]> {
  return page.evaluate<Shown[]>(`navigator.serviceWorker.ready
    .then((registration) => registration.getNotifications())
    .then((shown) => shown.map(({ title, body }) => ({ title, body })))`);
}

it('PUSH-1 is switched on by a press, sent again after a reload, and ends with the login', async () => {
  const { page, phone } = await browserOf(ben);
  const chat = await anna.direct(ben);
  await theSwitch(page).waitFor();
  await expectAccessible(page);
  await turnOn(page);
  await page.reload();
  await expect.poll(() => theSwitch(page).isChecked(), PATIENCE).toBe(true);
  // Away, it is alerted.
  await page.goto('about:blank');
  await say(anna, chat.id, 'one');
  await expect.poll(() => phone.alerted, PATIENCE).toHaveLength(1);
  await page.goto(`${stage.url}/settings/account`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  await expect.poll(() => isSubscribed(page), PATIENCE).toBe(false);
  await page.context().close();
});

it('PUSH-2 PUSH-4 a push is shown with its text, leads to its chat, and goes when it was read', async () => {
  const [chat, cleo] = await Promise.all([anna.direct(ben), stage.server.user()]);
  const group = await cleo.group([ben], { title: 'Trip' });
  const { page, phone } = await browserOf(ben);
  await turnOn(page);
  const [annasName, cleosName] = [anna, cleo].map(({ session }) => session.user.displayName);
  // As to a page that is closed: nothing but the worker has a part in it.
  await page.goto(`${stage.url}/icon.svg`);
  await say(anna, chat.id, 'Where are you?');
  await say(cleo, group.id, 'To the lake');
  await expect.poll(() => phone.payloads, PATIENCE).toHaveLength(2);
  for (const push of phone.payloads) {
    expect(push).not.toHaveProperty('preview');
    await deliver(page, push);
  }
  const shown = [
    { title: annasName, body: 'Where are you?' },
    { title: 'Trip', body: `${cleosName}: To the lake` },
  ];
  await expect
    .poll(
      async () => (await alerts(page)).toSorted((a, b) => b.body.length - a.body.length),
      PATIENCE,
    )
    .toEqual(shown.toSorted((a, b) => b.body.length - a.body.length));

  // Pressed, it leads to its chat in the window that is open, where it is read.
  await page.goto(stage.url);
  await page.getByText('1 unread message').first().waitFor();
  await workerOf(page)
    .evaluate(`registration.getNotifications({ tag: '${chat.id}' }).then(([alert]) =>
    dispatchEvent(new NotificationEvent('notificationclick', { notification: alert })))`);
  await messages(page).getByText('Where are you?').waitFor();
  expect(new URL(page.url()).pathname).toBe(`/c/${chat.id}`);
  await expect.poll(() => alerts(page), PATIENCE).toEqual(shown.slice(1));

  // Opened otherwise, it is over as well; read elsewhere, a push says so.
  await page.getByRole('link', { name: /Trip/ }).click();
  await messages(page).getByText('To the lake').waitFor();
  await expect.poll(() => alerts(page), PATIENCE).toEqual([]);
  await deliver(page, { type: 'message', chatId: chat.id, messageId: randomUUID(), seq: 9 });
  await expect
    .poll(() => alerts(page), PATIENCE)
    .toEqual([{ title: 'Natter', body: 'New message' }]);
  await deliver(page, { type: 'close', chatId: chat.id, seq: 9 });
  await expect.poll(() => alerts(page), PATIENCE).toEqual([]);
  expect(stage.faults).toEqual([]);
  await page.context().close();
});

it('what a notification shows is as its user wants it, and what hinders it is explained', async () => {
  const chat = await anna.direct(ben);
  const message = await anna.say(chat.id, 'A secret');
  const { page } = await browserOf(ben);
  await turnOn(page);
  const push = { type: 'message', chatId: chat.id, messageId: message.id, seq: message.seq };
  for (const [choice, alert] of [
    ['Sender', { title: anna.session.user.displayName, body: 'New message' }],
    ['Nothing', { title: 'Natter', body: 'New message' }],
    ['Message', { title: anna.session.user.displayName, body: 'A secret' }],
  ] as const) {
    await page.getByText(choice, { exact: true }).click();
    // Kept by the page a moment later than it is chosen.
    await expect
      .poll(async () => {
        await deliver(page, push);
        return alerts(page);
      }, PATIENCE)
      .toEqual([alert]);
  }
  const denied = "Object.defineProperty(Notification, 'permission', { get: () => 'denied' })";
  await page.context().addInitScript({ content: denied });
  await page.reload();
  await page.getByText(/Your browser blocks notifications/).waitFor();
  expect(await theSwitch(page).isDisabled()).toBe(true);
  await expectAccessible(page);
  await page.context().close();
});
