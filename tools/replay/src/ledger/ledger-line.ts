import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal: what ledgers hold in place of the text. */
export function bodyHashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

const times = {
  /** Wall time. */
  at: z.iso.datetime({ precision: 3 }),
  /** Time of the replaying process's own clock, which never jumps; comparable within one run. */
  monotonicMs: z.number(),
};

const call = {
  /** The username of the person who sends: one load client is one person. */
  client: z.string(),
  room: z.string(),
  chatId: z.string(),
  clientMessageId: z.string(),
  bodyHash: z.string(),
  /** The line of the source file, counted from 1. */
  line: z.int().check(z.positive()),
  /** Counts the sends of this `clientMessageId`, from 1. */
  attempt: z.int().check(z.positive()),
  ...times,
};

const Invoke = z.object({ type: z.literal('invoke'), ...call });
const Ok = z.object({
  type: z.literal('ok'),
  ...call,
  seq: z.int(),
  messageId: z.string(),
  duplicate: z.boolean(),
});
/** A definite refusal: the message must never show up. */
const Fail = z.object({ type: z.literal('fail'), ...call, code: z.string(), message: z.string() });
/** No answer, or one after which the same send may be tried again: the message is there once or not at all. */
const Unknown = z.object({ type: z.literal('unknown'), ...call, reason: z.string() });

/** One line of a `*.ledger.jsonl`: an `invoke` before each call and one of the others after it. */
export const LedgerLine = z.discriminatedUnion('type', [Invoke, Ok, Fail, Unknown]);
export type LedgerLine = z.output<typeof LedgerLine>;
export type OkLine = z.output<typeof Ok>;

/** One line of a `*.live.jsonl`: an event that a room's listening device received, in the order of receipt. */
export const LiveLine = z.object({
  /** `log` where the device read it after a reconnect, as any client does (SYNC-2). */
  source: z.enum(['live', 'log']),
  event: z.string(),
  chatId: z.optional(z.string()),
  seq: z.optional(z.int()),
  toSeq: z.optional(z.int()),
  messageId: z.optional(z.string()),
  bodyHash: z.optional(z.string()),
  ...times,
});
export type LiveLine = z.output<typeof LiveLine>;
