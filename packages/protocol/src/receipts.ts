import * as z from 'zod/mini';
import { ChatId, MessageId, optionalInput, Seq, Timestamp, UserId } from './primitives.js';

/** Marks everything up to a `seq`, or up to a message, as delivered to or seen by the caller (RCPT-1). */
export const MarkInput = z
  .object({
    chatId: optionalInput(ChatId),
    seq: optionalInput(Seq),
    messageId: optionalInput(MessageId),
  })
  .check(
    z.refine(
      ({ chatId, seq, messageId }) =>
        messageId === undefined ? chatId !== undefined && seq !== undefined : seq === undefined,
      'takes chatId and seq, or messageId',
    ),
  );
export type MarkInput = z.output<typeof MarkInput>;

export const MarksBody = z
  .object({ deliveredSeq: optionalInput(Seq), seenSeq: optionalInput(Seq) })
  .check(
    z.refine(
      ({ deliveredSeq, seenSeq }) => deliveredSeq !== undefined || seenSeq !== undefined,
      'takes deliveredSeq, seenSeq or both',
    ),
  );

export const ReceiptStatus = z.enum(['delivered', 'seen']);
export type ReceiptStatus = z.output<typeof ReceiptStatus>;

/** All messages of the chat up to `seq` have this status for this user. */
export const StatusUpdate = z.object({
  userId: UserId,
  status: ReceiptStatus,
  seq: Seq,
  at: Timestamp,
});
export type StatusUpdate = z.output<typeof StatusUpdate>;

export const MessageStatusUpdated = z.object({ chatId: ChatId, updates: z.array(StatusUpdate) });
export type MessageStatusUpdated = z.output<typeof MessageStatusUpdated>;

const receipts = z.array(z.object({ userId: UserId, at: Timestamp }));
/**
 * To whom a message was delivered and who has seen it, the earliest first. Without the sender and those who joined
 * later; `delivered` holds also those who have seen.
 */
export const MessageReceipts = z
  .object({ delivered: receipts, seen: receipts })
  .register(z.globalRegistry, { id: 'MessageReceipts' });
export type MessageReceipts = z.output<typeof MessageReceipts>;
