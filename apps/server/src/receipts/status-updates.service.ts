import type { ChatId, MessageStatusUpdated, StatusUpdate, UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { MarkMove } from '../streams/commit.js';
import { type Audience, ReceiptsRepository } from './receipts.repository.js';

/** A `messageStatusUpdated`, and to whom it goes. */
export interface StatusNews {
  readonly payload: MessageStatusUpdated;
  /** Whether to all members of the chat, but for `exceptUserIds`. */
  readonly toMembers?: boolean;
  readonly exceptUserIds?: readonly UserId[];
  readonly toUserIds?: readonly UserId[];
  readonly exceptSocketId?: string | undefined;
  /** Of those named, at most once a second for each (RCPT-2). */
  readonly isGathered?: boolean;
}

function updatesOf(move: MarkMove, showsSeen: boolean): StatusUpdate[] {
  const { userId, deliveredSeq, seenSeq } = move;
  const at = move.at.toISOString();
  const hasSeen = showsSeen && seenSeq > move.seenBefore;
  // Seen implies delivered.
  const hasReceived = deliveredSeq > Math.max(move.deliveredBefore, hasSeen ? seenSeq : 0);
  return [
    ...(hasReceived ? [{ userId, status: 'delivered' as const, seq: deliveredSeq, at }] : []),
    ...(hasSeen ? [{ userId, status: 'seen' as const, seq: seenSeq, at }] : []),
  ];
}

function news(
  chatId: ChatId,
  updates: readonly StatusUpdate[],
  receivers: Omit<StatusNews, 'payload'>,
): StatusNews[] {
  return updates.length > 0 ? [{ payload: { chatId, updates: [...updates] }, ...receivers }] : [];
}

/** Everybody is told; who does not show what he has seen is not told what others have (RCPT-1). */
function inSmallGroup(move: MarkMove, { showsSeen, blind }: Audience): StatusNews[] {
  const { chatId, userId, exceptSocketId } = move;
  const own = { toUserIds: [userId], exceptSocketId };
  const seen = updatesOf(move, true);
  const delivered = updatesOf(move, false);
  if (!showsSeen) {
    const others = { toMembers: true, exceptUserIds: [userId] };
    return [...news(chatId, seen, own), ...news(chatId, delivered, others)];
  }
  const others = blind.filter((id) => id !== userId);
  return [
    ...news(chatId, seen, { ...own, toMembers: true, exceptUserIds: others }),
    ...(others.length > 0 ? news(chatId, delivered, { toUserIds: others }) : []),
  ];
}

/** Those are told who have a message in what the marks newly cover. */
function inLargeGroup(move: MarkMove, audience: Audience): StatusNews[] {
  const { chatId, userId, exceptSocketId } = move;
  const seers = audience.showsSeen ? audience.seenAuthors : [];
  const receivers = audience.deliveredAuthors.filter((id) => !seers.includes(id));
  const seen = updatesOf(move, true);
  return [
    ...news(chatId, seen, { toUserIds: [userId], exceptSocketId }),
    ...(seers.length > 0 ? news(chatId, seen, { toUserIds: seers, isGathered: true }) : []),
    ...(receivers.length > 0
      ? news(chatId, updatesOf(move, false), { toUserIds: receivers, isGathered: true })
      : []),
  ];
}

/** Tells who is to be told that marks have moved (RCPT-2). */
@Injectable()
export class StatusUpdatesService {
  constructor(private readonly receipts: ReceiptsRepository) {}

  async newsOf(moves: readonly MarkMove[]): Promise<StatusNews[]> {
    const audiences = await this.receipts.audiences(moves);
    return moves.flatMap((move, index) => {
      const audience = audiences[index];
      const { chatId, userId, exceptSocketId } = move;
      if (!audience) return [];
      if (audience.isBlocked) {
        return news(chatId, updatesOf(move, true), { toUserIds: [userId], exceptSocketId });
      }
      return audience.isSmall ? inSmallGroup(move, audience) : inLargeGroup(move, audience);
    });
  }
}
