import { createHmac, type KeyObject } from 'node:crypto';
import type { CommandInput } from '@natter/protocol';

/** The part of a send that makes it the same send (IDEM-1), as it came in. */
export interface SentContent extends Pick<CommandInput<'sendMessage'>, 'text' | 'mentions'> {
  readonly kind: 'text';
}

/**
 * Tells a true repeat from other content under the same client id. Keyed, so that it does not reveal what a deleted
 * message said, which it outlives. The order of the keys is part of it and must never change.
 */
export function fingerprint(secret: KeyObject, { kind, text, mentions }: SentContent): Buffer {
  return createHmac('sha256', secret).update(JSON.stringify({ kind, text, mentions })).digest();
}
