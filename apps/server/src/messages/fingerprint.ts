import { hash } from 'node:crypto';
import type { Encrypted, MediaId, MessageId, UserId } from '@natter/protocol';

/** The part of a send that makes it the same send (IDEM-1), as it came in. */
export interface SentContent {
  readonly kind: 'text' | 'encrypted' | 'media' | 'forward';
  readonly text?: string | undefined;
  readonly mentions?: readonly UserId[] | undefined;
  readonly encrypted?: Encrypted | undefined;
  readonly mediaIds?: readonly MediaId[] | undefined;
  readonly replyToId?: MessageId | undefined;
  /** The message that is forwarded. */
  readonly messageId?: MessageId | undefined;
}

/**
 * Tells a true repeat from other content under the same client id. Behind a secret, so that it does not reveal what a
 * deleted message said, which it outlives; nobody gets to see it, so that a hash does, which takes a tenth of the time of
 * an HMAC. The order of the keys is part of it and must never change; what is absent adds nothing.
 */
export function fingerprint(
  secret: string,
  { kind, text, mentions, encrypted, replyToId, messageId, mediaIds }: SentContent,
): Buffer {
  const content = { kind, text, mentions, encrypted, replyToId, messageId, mediaIds };
  // By way of hex: a buffer made by the hash has memory of its own, which takes longer than the hash.
  return Buffer.from(hash('sha256', secret + JSON.stringify(content), 'hex'), 'hex');
}
