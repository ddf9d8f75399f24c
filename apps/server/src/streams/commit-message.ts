import { ChatEntry, ChatId, Seq, UserId } from '@natter/protocol';
import * as z from 'zod/mini';
import type { Commit } from './commit.js';

const SocketId = z.optional(z.string());

/** A commit as nodes tell each other of it. One that an older or newer version does not understand, its tail brings. */
const CommitMessage = z.object({
  chatEntries: z.array(
    z.object({
      chatId: ChatId,
      seq: Seq,
      entry: ChatEntry,
      exceptSocketId: SocketId,
      hiddenFrom: z.optional(z.array(UserId)),
      unquotedFor: z.optional(z.array(UserId)),
    }),
  ),
  userEvents: z.array(
    z.object({
      userId: UserId,
      userSeq: Seq,
      event: z.string(),
      chatId: z.nullable(ChatId),
      details: z.unknown(),
    }),
  ),
  markMoves: z.array(
    z.object({
      chatId: ChatId,
      userId: UserId,
      deliveredBefore: Seq,
      seenBefore: Seq,
      deliveredSeq: Seq,
      seenSeq: Seq,
      at: z.pipe(
        z.iso.datetime(),
        z.transform((at) => new Date(at)),
      ),
      exceptSocketId: SocketId,
    }),
  ),
});

export function toCommitMessage({ chatEntries, userEvents, markMoves }: Commit): unknown {
  return { chatEntries, userEvents, markMoves };
}

/** The commit that another node told of; none where it cannot be read. */
export function fromCommitMessage(message: unknown): Commit | undefined {
  return z.safeParse(CommitMessage, message).data;
}
