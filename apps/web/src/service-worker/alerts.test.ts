import { expect, it, vi } from 'vitest';
import { takePush } from './alerts.js';

/** A worker's registration that shows some alerts, and notes what becomes of them. */
function registrationWith(...shown: { tag: string; seq: unknown }[]) {
  const closed: unknown[] = [];
  const showNotification = vi.fn<(title: string, options: NotificationOptions) => Promise<void>>();
  const notifications = shown.map(({ tag, seq }) => ({
    tag,
    data: { seq },
    close: () => closed.push(seq),
  }));
  const getNotifications = ({ tag }: { tag: string }) =>
    Promise.resolve(notifications.filter((notification) => notification.tag === tag));
  const registration = { showNotification, getNotifications };
  return {
    registration: registration as unknown as ServiceWorkerRegistration,
    showNotification,
    closed,
  };
}

const push = { type: 'message', chatId: 'c', messageId: 'm', seq: 7 };

it.each([
  [push, 'Natter', '…'],
  [{ ...push, sender: { displayName: 'Anna' }, preview: 'Hello' }, 'Anna', 'Hello'],
  [
    { ...push, sender: { displayName: 'Anna' }, title: 'Trip', preview: 'Hello' },
    'Trip',
    'Anna: Hello',
  ],
])('PUSH-2 %j is shown as %s: %s', async (payload, title, body) => {
  const { registration, showNotification } = registrationWith();
  await takePush(registration, payload);
  expect(showNotification.mock.calls).toEqual([
    [title, expect.objectContaining({ body, tag: 'c', data: { seq: 7 } })],
  ]);
});

it('PUSH-4 what was read elsewhere is closed: of its chat, and no newer one', async () => {
  const shown = [3, 7, 8].map((seq) => ({ tag: 'c', seq }));
  const { registration, closed } = registrationWith(...shown, { tag: 'other', seq: 1 });
  await takePush(registration, { type: 'close', chatId: 'c', seq: 7 });
  expect(closed).toEqual([3, 7]);
});

it.each([undefined, 'text', {}, { ...push, type: 'later' }, { ...push, chatId: 1 }])(
  'what a later server may say is left alone: %j',
  async (payload) => {
    const { registration, showNotification, closed } = registrationWith({ tag: 'c', seq: 1 });
    await takePush(registration, payload);
    expect([showNotification.mock.calls, closed]).toEqual([[], []]);
  },
);
