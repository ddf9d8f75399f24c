import type { Brain } from './engine/brain.js';
import { invalid } from './errors.js';

/** A Web Push subscription, as `PushSubscription.toJSON()` of a browser has it. */
export interface PushSubscriptionJson {
  readonly endpoint?: string | undefined;
  /** `p256dh` and `auth`, base64url. */
  readonly keys?: Readonly<Record<string, string>> | undefined;
}

/** Alerts for this device while it is not connected (docs/push.md). What they hold is a `PushPayload`. */
export class Push {
  constructor(private readonly brain: Brain) {}

  /** What to give to `pushManager.subscribe` as `applicationServerKey`. */
  async publicKey(): Promise<string> {
    return (await this.brain.request('getPushKey', {})).publicKey;
  }

  /**
   * Alerts this device by a subscription from now on, in place of the one before.
   *
   * @throws {ChatError} `INVALID` where the subscription is none, or its push service may not be used.
   */
  async subscribe({ endpoint, keys }: PushSubscriptionJson): Promise<void> {
    const { p256dh, auth } = keys ?? {};
    if (endpoint === undefined || p256dh === undefined || auth === undefined) {
      throw invalid('A push subscription needs an endpoint and its keys');
    }
    await this.brain.request('subscribeToPush', { body: { endpoint, keys: { p256dh, auth } } });
    await this.brain.loadDevices();
  }

  /** Does not alert this device any more; the browser's own `unsubscribe` is another matter. */
  async unsubscribe(): Promise<void> {
    await this.brain.request('unsubscribeFromPush', {});
    await this.brain.loadDevices();
  }
}
