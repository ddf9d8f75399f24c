import * as z from 'zod/mini';
import { ChatId, MessageId, Seq } from './primitives.js';
import { Sender } from './users.js';

const ENDPOINT_LENGTH = 2048;
/** An uncompressed point of P-256, and the authentication secret of RFC 8291. */
const KEY_BYTES = { p256dh: 65, auth: 16 };

/** base64url of exactly `bytes` bytes, with or without its padding. */
function base64UrlOf(bytes: number) {
  const length = Math.ceil((bytes * 4) / 3);
  return z.string().check(
    z.maxLength(length + 2),
    z.refine(
      (text) => new RegExp(`^[A-Za-z0-9_-]{${length}}={0,2}$`).test(text),
      `must be base64url of ${bytes} bytes`,
    ),
  );
}

/** What a browser's `PushSubscription` is as JSON. Whether the endpoint may be used, the server says (PUSH-1). */
export const PushSubscriptionInput = z.object({
  endpoint: z.string().check(z.minLength(1), z.maxLength(ENDPOINT_LENGTH)),
  keys: z.object({
    p256dh: base64UrlOf(KEY_BYTES.p256dh),
    auth: base64UrlOf(KEY_BYTES.auth),
  }),
});
export type PushSubscriptionInput = z.output<typeof PushSubscriptionInput>;

/** The key to subscribe with: `applicationServerKey`, base64url of an uncompressed point of P-256 (RFC 8292). */
export const PushKey = z
  .object({ publicKey: z.string() })
  .register(z.globalRegistry, { id: 'PushKey' });
export type PushKey = z.output<typeof PushKey>;

/**
 * What a push says, as JSON, once it is decrypted (PUSH-2, PUSH-4). `message`: there is something to alert of, which the
 * client fetches; `sender`, `title` and `preview` are there only where the operator wants them to be. `close`: alerts of
 * the chat up to `seq` are over.
 */
export const PushPayload = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    chatId: ChatId,
    messageId: MessageId,
    seq: Seq,
    sender: z.optional(Sender),
    /** Of the group. */
    title: z.optional(z.string()),
    preview: z.optional(z.string()),
  }),
  z.object({ type: z.literal('close'), chatId: ChatId, seq: Seq }),
]);
export type PushPayload = z.output<typeof PushPayload>;
