import { ECDH } from 'node:crypto';
import type { PushSubscriptionInput } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { invalid, NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { EndpointPolicy } from './endpoint-policy.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { Vapid } from './vapid.js';

/** A point that is not on the curve would give away bits of what is encrypted for it. */
function isPoint(p256dh: string): boolean {
  try {
    ECDH.convertKey(p256dh, 'prime256v1', 'base64url', 'hex', 'compressed');
    return true;
  } catch {
    return false;
  }
}

/** To which devices pushes are sent (PUSH-1). A device speaks for itself alone: that is the policy. */
@Injectable()
export class PushService {
  private readonly policy: EndpointPolicy;

  constructor(
    @Inject(CONFIG) { push }: Config,
    private readonly vapid: Vapid,
    private readonly subscriptions: SubscriptionsRepository,
  ) {
    this.policy = new EndpointPolicy(push);
  }

  get publicKey(): string {
    return this.vapid.publicKey;
  }

  /**
   * Sends pushes to the caller's device from now on, and to no other that had the same endpoint: it is of one browser,
   * whoever used that before (T78).
   *
   * @throws {NatterError} `INVALID` where the endpoint or a key may not be used; `DEVICE_REVOKED` where the session ends
   *   meanwhile.
   */
  async subscribe(caller: Caller, { endpoint, keys }: PushSubscriptionInput): Promise<void> {
    const url = this.policy.read(endpoint);
    if (typeof url === 'string') throw invalid('endpoint', url);
    if (!isPoint(keys.p256dh)) throw invalid('keys.p256dh', 'must be a point of P-256');
    const subscription = { endpoint: url.href, service: url.host, ...keys };
    const isStored = await this.subscriptions.store(caller, subscription);
    if (!isStored) throw new NatterError('DEVICE_REVOKED');
  }

  async unsubscribe({ deviceId }: Caller): Promise<void> {
    await this.subscriptions.remove(deviceId);
  }
}
