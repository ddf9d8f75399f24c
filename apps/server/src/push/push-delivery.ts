import { createHmac } from 'node:crypto';
import { encryptNotification } from '@block65/webcrypto-web-push';
import type { PushPayload } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Installation } from '../database/installation.js';
import type { DueAlert } from './alerts.repository.js';
import { type PushAnswer, PushConnections } from './push-connections.js';
import { Vapid } from './vapid.js';

/** RFC 8030 allows 32 characters of base64url. */
const TOPIC_CHARACTERS = 32;

type Recipient = Pick<DueAlert, 'chat_id' | 'device_id' | 'endpoint' | 'p256dh' | 'auth'>;

/**
 * Why a push service has not taken a push. `busy`: it may later. `gone`: the subscription is no more. `rejected`: it will
 * not. `uncertain` and `forbidden` as of `PushAnswer`.
 */
export interface Refusal {
  readonly outcome: 'busy' | 'gone' | 'rejected' | 'uncertain' | 'forbidden';
  readonly status?: number;
  readonly retryAfter?: string | undefined;
}

/** What a push service makes of a push. */
export type Reception = { readonly outcome: 'taken' } | Refusal;

function receptionOf(answer: PushAnswer): Reception {
  if (answer.kind === 'unsent') return { outcome: 'busy' };
  if (answer.kind !== 'answered') return { outcome: answer.kind };
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { outcome: 'taken' };
  if (status === 404 || status === 410) return { outcome: 'gone', status };
  if (status === 429 || status >= 500) return { outcome: 'busy', status, retryAfter };
  // A redirection is one of these: nobody checked where it leads.
  return { outcome: 'rejected', status };
}

/** Makes a push of a payload, by RFC 8030, 8291 and 8292, and takes it to its service. */
@Injectable()
export class PushDelivery {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly installation: Installation,
    private readonly vapid: Vapid,
    private readonly connections: PushConnections,
  ) {}

  /** Resolves when the service has answered, or its time is over. */
  async deliver(recipient: Recipient, payload: PushPayload): Promise<Reception> {
    const { endpoint, p256dh, auth } = recipient;
    // It is padded to the same length whatever it says.
    const body = await encryptNotification(
      { endpoint, expirationTime: null, keys: { p256dh, auth } },
      Buffer.from(JSON.stringify(payload)),
    );
    const headers = {
      authorization: await this.vapid.authorization(new URL(endpoint).origin),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(this.config.push.ttlSeconds),
      urgency: payload.type === 'message' ? 'high' : 'normal',
      topic: this.topicOf(recipient),
    };
    return receptionOf(await this.connections.post(endpoint, headers, body));
  }

  /** Of a device and chat: what the service still holds of them is replaced. To others it says nothing. */
  private topicOf({ device_id: deviceId, chat_id: chatId }: Recipient): string {
    return createHmac('sha256', this.installation.secret)
      .update(`push:${deviceId}:${chatId}`)
      .digest('base64url')
      .slice(0, TOPIC_CHARACTERS);
  }
}
