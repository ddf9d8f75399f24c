import { type ChatEntry, type ChatId, DeviceId, MessageId, UserId } from '@natter/protocol';
import * as z from 'zod/mini';

/** One committed entry of a chat's stream, ready to be emitted. */
export interface CommittedChatEntry {
  readonly chatId: ChatId;
  readonly seq: number;
  readonly entry: ChatEntry;
  /** The socket that sent the command: it has the acknowledgement and gets no event (FAN-1). */
  readonly exceptSocketId?: string | undefined;
  /** Members from whom the message is hidden: they get `entrySkipped` (SYNC-4). */
  readonly hiddenFrom?: readonly UserId[];
  /** Members from whom the message that it quotes is hidden: they get it without a preview (MSG-5). */
  readonly unquotedFor?: readonly UserId[];
}

/** One member's marks as they have moved (RCPT-1). They are on no stream: what is missed is read from the chat. */
export interface MarkMove {
  readonly chatId: ChatId;
  readonly userId: UserId;
  readonly deliveredBefore: number;
  readonly seenBefore: number;
  readonly deliveredSeq: number;
  readonly seenSeq: number;
  readonly at: Date;
  /** The socket that sent the command. */
  readonly exceptSocketId?: string | undefined;
}

/** The socket that has the acknowledgement of all that moved a mark; of several each has to be told of the others' moves. */
export function onlySocket(
  sent: readonly { readonly exceptSocketId?: string | undefined }[],
): string | undefined {
  const [first, ...others] = new Set(sent.map(({ exceptSocketId }) => exceptSocketId));
  return others.length === 0 ? first : undefined;
}

export type UserEventName =
  | 'chatAdded'
  | 'chatRemoved'
  | 'chatPreferencesChanged'
  | 'chatCleared'
  | 'draftChanged'
  | 'messageHidden'
  | 'messageStarred'
  | 'profileChanged'
  | 'userBlocked'
  | 'userUnblocked'
  | 'deviceAdded'
  | 'deviceRevoked';

/** The `details` of `deviceAdded` and `deviceRevoked`: which session began or ended. */
export const SessionDetails = z.object({ deviceId: DeviceId, generation: z.int() });

/** The `details` of `chatAdded`: entries above `afterSeq` are sent to the new member as they come. */
export const ArrivalDetails = z.object({ afterSeq: z.int() });

/** The `details` of `chatRemoved`. */
export const RemovalDetails = z.object({ reason: z.enum(['left', 'removed', 'deleted']) });

/** The `details` of `chatCleared`. */
export const ClearingDetails = z.object({ upToSeq: z.int() });

/** The `details` of `userBlocked` and `userUnblocked`. */
export const BlockDetails = z.object({ userId: UserId });

/** The `details` of `messageHidden` and, with `starred`, of `messageStarred`. */
export const MessageDetails = z.object({ messageId: MessageId });
export const StarDetails = z.object({ messageId: MessageId, starred: z.boolean() });

/** One committed event of a user's own stream, as it is stored; its payload is made for the reader when it is read. */
export interface CommittedUserEvent {
  readonly userId: UserId;
  readonly userSeq: number;
  readonly event: string;
  readonly chatId: ChatId | null;
  readonly details: unknown;
}

/** What one transaction appended to streams. */
export interface Commit {
  readonly chatEntries: readonly CommittedChatEntry[];
  readonly userEvents: readonly CommittedUserEvent[];
  readonly markMoves: readonly MarkMove[];
}

/** How far streams have got, as the tail read it: the reader looks up what it has not seen. */
export interface Heads {
  readonly chats: ReadonlyMap<ChatId, number>;
  readonly users: ReadonlyMap<UserId, number>;
}
