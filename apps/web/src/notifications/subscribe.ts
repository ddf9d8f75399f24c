import type { BackgroundClient } from '@natter/client';

function isOf(subscription: PushSubscription, publicKey: string): boolean {
  const key = subscription.options.applicationServerKey;
  if (!key) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') === publicKey;
}

/**
 * Has the server alert this device by this browser's push service (PUSH-1), again where it does so already: after each
 * login, and where either of them has forgotten it.
 *
 * @throws {DOMException} where the browser's push service cannot be reached or permission is missing.
 * @throws {ChatError} `INVALID` where the server does not send to that service.
 */
export async function subscribe(
  { pushManager }: ServiceWorkerRegistration,
  client: Pick<BackgroundClient, 'request'>,
): Promise<void> {
  const [{ publicKey }, before] = await Promise.all([
    client.request('getPushKey', {}),
    pushManager.getSubscription(),
  ]);
  // Another server, or one with another key, stood at this address before.
  const isUsable = before !== null && isOf(before, publicKey);
  if (before && !isUsable) await before.unsubscribe();
  const subscription = isUsable
    ? before
    : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { endpoint = '', keys = {} } = subscription.toJSON();
  const { p256dh = '', auth = '' } = keys;
  await client.request('subscribeToPush', { body: { endpoint, keys: { p256dh, auth } } });
}
