import type { BackgroundClient } from '@natter/client';
import { expect, it, vi } from 'vitest';
import type { AlertSettings } from '../notifications/alert-settings.js';
import { tellerBy } from './alert-words.js';
import { takePush } from './alerts.js';

const settings: AlertSettings = {
  preview: 'text',
  language: 'en',
  newMessage: 'New message',
  encrypted: 'Encrypted message',
  file: 'File',
};

interface World {
  readonly shown?: readonly { readonly tag: string; readonly seq: unknown }[];
  readonly preview?: AlertSettings['preview'];
  /** What the server says of the message and of its chat. */
  readonly message?: object | Error;
  readonly chat?: object;
}

/** A worker that shows some alerts, and notes what becomes of them. */
function workerIn({ shown = [], preview = 'text', message, chat }: World = {}) {
  const closed: unknown[] = [];
  const asked: string[] = [];
  const showNotification = vi.fn<(title: string, options: NotificationOptions) => Promise<void>>();
  const notifications = shown.map(({ tag, seq }) => ({
    tag,
    data: { seq },
    close: () => closed.push(seq),
  }));
  const getNotifications = ({ tag }: { tag: string }) =>
    Promise.resolve(notifications.filter((notification) => notification.tag === tag));
  const request = (name: string) => {
    asked.push(name);
    if (message instanceof Error) return Promise.reject(message);
    return Promise.resolve(name === 'getMessage' ? message : chat);
  };
  const context = {
    registration: {
      showNotification,
      getNotifications,
    } as unknown as ServiceWorkerRegistration,
    settings: () => Promise.resolve({ ...settings, preview }),
    teller: tellerBy({ request: request as unknown as BackgroundClient['request'] }),
  };
  const words = () =>
    showNotification.mock.calls.map(([title, options]) => [title, options.body] as const);
  return { context, showNotification, closed, asked, words };
}

const push = { type: 'message', chatId: 'c', messageId: 'm', seq: 7 };
const said = { kind: 'text', text: ' Hello,\n there', sender: { displayName: 'Anna' } };
const direct = { type: 'direct' };
const group = { type: 'group', title: 'Trip' };

it.each([
  ['text', said, direct, 'Anna', 'Hello, there'],
  ['text', said, group, 'Trip', 'Anna: Hello, there'],
  ['text', { ...said, kind: 'encrypted', text: undefined }, direct, 'Anna', 'Encrypted message'],
  ['text', { ...said, kind: 'media', text: undefined }, direct, 'Anna', 'File'],
  ['text', { ...said, kind: 'media', text: 'The lake' }, group, 'Trip', 'Anna: The lake'],
  ['text', { ...said, text: undefined, deletedAt: 'now' }, direct, 'Anna', 'New message'],
  ['sender', said, direct, 'Anna', 'New message'],
  ['sender', said, group, 'Trip', 'Anna: New message'],
] as const)(
  'PUSH-2 of what the server says, %s is shown: %j in %j',
  async (preview, message, chat, title, body) => {
    const { context, showNotification } = workerIn({ preview, message, chat });
    await takePush(context, push);
    expect(showNotification.mock.calls).toEqual([
      [title, expect.objectContaining({ body, tag: 'c', lang: 'en', data: { seq: 7 } })],
    ]);
  },
);

it('PUSH-2 who wants nothing to be seen has nothing asked', async () => {
  const { context, words, asked } = workerIn({ preview: 'nothing', message: said, chat: group });
  await takePush(context, { ...push, sender: { displayName: 'Anna' }, preview: 'Hello' });
  expect([words(), asked]).toEqual([[['Natter', 'New message']], []]);
});

it('PUSH-2 what cannot be had is alerted of all the same', async () => {
  const { context, words } = workerIn({ message: new Error('away') });
  await takePush(context, push);
  expect(words()).toEqual([['Natter', 'New message']]);
});

it('PUSH-2 a server that does not answer is not waited for', async () => {
  vi.useFakeTimers();
  const { context, words } = workerIn();
  const hanging = { ...context, teller: () => new Promise<undefined>(() => undefined) };
  const taken = takePush(hanging, push);
  await vi.advanceTimersByTimeAsync(60_000);
  await taken;
  expect(words()).toEqual([['Natter', 'New message']]);
  vi.useRealTimers();
});

it.each([
  ['text', 'Trip', 'Anna: Hello'],
  ['sender', 'Trip', 'Anna: New message'],
] as const)('PUSH-2 what a push itself says is not asked for: %s', async (preview, title, body) => {
  const { context, words, asked } = workerIn({ preview });
  const content = { sender: { displayName: 'Anna' }, title: 'Trip', preview: 'Hello' };
  await takePush(context, { ...push, ...content });
  expect([words(), asked]).toEqual([[[title, body]], []]);
});

it('a push that was overtaken does not take the place of a newer alert', async () => {
  const { context, words } = workerIn({
    shown: [{ tag: 'c', seq: 8 }],
    message: said,
    chat: direct,
  });
  await takePush(context, push);
  expect(words()).toEqual([]);
});

it('PUSH-4 what was read elsewhere is closed: of its chat, and no newer one', async () => {
  const shown = [3, 7, 8].map((seq) => ({ tag: 'c', seq }));
  const { context, closed } = workerIn({ shown: [...shown, { tag: 'other', seq: 1 }] });
  await takePush(context, { type: 'close', chatId: 'c', seq: 7 });
  expect(closed).toEqual([3, 7]);
});

it.each([undefined, 'text', {}, { ...push, type: 'later' }, { ...push, chatId: 1 }])(
  'what a later server may say is left alone: %j',
  async (payload) => {
    const { context, words, closed } = workerIn({ shown: [{ tag: 'c', seq: 1 }] });
    await takePush(context, payload);
    expect([words(), closed]).toEqual([[], []]);
  },
);
