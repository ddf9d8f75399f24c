import type { BackgroundClient, Readable } from '@natter/client';
import { serviceWorkerRegistration } from '../app/service-worker.js';
import { createStore } from '../ui/store.js';
import { subscribe } from './subscribe.js';

/**
 * How this browser stands to pushes: it cannot have them (`unsupported`), not before it is on the home screen
 * (`uninstalled`), the user does not let it (`denied`), or they are off or on.
 */
export type PushState = 'unknown' | 'unsupported' | 'uninstalled' | 'denied' | 'off' | 'on';

/** For whom they are on in this browser. A logout ends that, another end of the login does not. */
const WANTED_BY = 'natter-push-wanted-by';

function wantedBy(): string | null {
  try {
    return localStorage.getItem(WANTED_BY);
  } catch {
    return null;
  }
}

function want(userId: string | undefined): void {
  try {
    if (userId === undefined) localStorage.removeItem(WANTED_BY);
    else localStorage.setItem(WANTED_BY, userId);
  } catch {
    // A browser without storage has no pushes either.
  }
}

const state = createStore<PushState>('unknown');

export const pushState: Readable<PushState> = state;

/** Why there are no pushes in this browser, whatever its user wants. */
async function obstacle(): Promise<PushState | undefined> {
  if (!('PushManager' in window) || !('Notification' in window)) {
    // Only Safari on phones has this; there an installed page has pushes and another one has none.
    return 'standalone' in navigator ? 'uninstalled' : 'unsupported';
  }
  if ((await serviceWorkerRegistration()) === undefined) return 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : undefined;
}

let last: Promise<void> = Promise.resolve();

/** One after the other: the end of a login must not end the subscription of the next. */
function inTurn(task: () => Promise<void>): Promise<void> {
  const result = last.then(task);
  last = result.catch(() => undefined);
  return result;
}

async function look(userId: string): Promise<void> {
  const registration = await serviceWorkerRegistration();
  const hindrance = await obstacle();
  if (hindrance !== undefined || !registration) {
    state.set(hindrance ?? 'unsupported');
    return;
  }
  const subscription = await registration.pushManager.getSubscription();
  state.set(subscription && wantedBy() === userId ? 'on' : 'off');
}

/** Looks how things are: permissions are changed outside of the page. */
export function checkPush(userId: string): Promise<void> {
  return inTurn(() => look(userId));
}

/** Asks for permission, so that it is only for a press of the user. @throws like `subscribe`. */
export async function turnPushOn(client: BackgroundClient, userId: string): Promise<void> {
  // Before anything else: browsers ask only right after the press.
  const permission = await Notification.requestPermission();
  await inTurn(async () => {
    const registration = await serviceWorkerRegistration();
    if (permission === 'granted' && registration) {
      try {
        await subscribe(registration, client);
        want(userId);
      } catch (error) {
        await dropSubscription();
        throw error;
      }
    }
    await look(userId);
  });
}

/** @throws {ChatError} where the server cannot be reached; pushes go on then. */
export function turnPushOff(client: BackgroundClient, userId: string): Promise<void> {
  return inTurn(async () => {
    await client.request('unsubscribeFromPush', {});
    want(undefined);
    await dropSubscription();
    await look(userId);
  });
}

/** After a login and at each start: renews what its user has on, and ends what is another one's. */
export function resumePush(client: BackgroundClient, userId: string): Promise<void> {
  return inTurn(async () => {
    if ((await obstacle()) === undefined) {
      const registration = await serviceWorkerRegistration();
      const isWanted = wantedBy() === userId && Notification.permission === 'granted';
      if (isWanted && registration) await subscribe(registration, client);
      else await dropSubscription();
    }
    await look(userId);
  });
}

/** The login is over: nothing of it is shown any more. */
export function endPush(isByUser: boolean): Promise<void> {
  if (isByUser) want(undefined);
  return inTurn(async () => {
    await dropSubscription();
    const registration = await serviceWorkerRegistration();
    for (const alert of (await registration?.getNotifications()) ?? []) alert.close();
    state.set('unknown');
  });
}

async function dropSubscription(): Promise<void> {
  const registration = await serviceWorkerRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}
