import * as z from 'zod/mini';
import { Device } from './auth.js';
import { Chat, Draft, OwnMembership } from './chats.js';
import { pageLimits } from './limits.js';
import { Message, ReactionCount } from './messages.js';
import {
  ChatId,
  Cursor,
  DeviceId,
  MessageId,
  Seq,
  Timestamp,
  UserId,
  optionalInput,
  queryInteger,
} from './primitives.js';
import { MessageStatusUpdated } from './receipts.js';
import { User } from './users.js';

/** Stands for entries that this reader may not or can no longer see, so that his numbers stay dense (SYNC-4). */
export const EntrySkipped = z.object({ chatId: ChatId, seq: Seq, toSeq: z.optional(Seq) });
/** The message as it is now; live events carry `mine: false` in its reactions. */
export const MessageEdited = z.object({ chatId: ChatId, seq: Seq, message: Message });
export const MessageDeleted = z.object({
  chatId: ChatId,
  seq: Seq,
  messageId: MessageId,
  scope: z.literal('everyone'),
  deletedBy: UserId,
  at: Timestamp,
});
/** One user's reaction came or went; `reactions` are all that the message has now. */
export const ReactionChanged = z.object({
  chatId: ChatId,
  seq: Seq,
  messageId: MessageId,
  userId: UserId,
  emoji: z.string(),
  added: z.boolean(),
  reactions: z.array(z.omit(ReactionCount, { mine: true })),
});
export const MessagePinned = z.object({
  chatId: ChatId,
  seq: Seq,
  messageId: MessageId,
  userId: UserId,
});
export const ChatAdded = z.object({ userSeq: Seq, chat: Chat });
export const ChatRemoved = z.object({
  userSeq: Seq,
  chatId: ChatId,
  reason: z.enum(['left', 'removed', 'deleted']),
});
/** `me` is the reader's own side of the chat as of today. */
export const ChatPreferencesChanged = z.object({
  userSeq: Seq,
  chatId: ChatId,
  me: OwnMembership,
});
/** `chat` is what the user sees of the chat as of today, absent where he has left it (SYNC-4). */
export const MessageHidden = z.object({
  userSeq: Seq,
  chatId: ChatId,
  messageId: MessageId,
  chat: z.optional(Chat),
});
export const ChatCleared = z.object({
  userSeq: Seq,
  chatId: ChatId,
  upToSeq: Seq,
  chat: z.optional(Chat),
});
export const MessageStarred = z.object({
  userSeq: Seq,
  chatId: ChatId,
  messageId: MessageId,
  starred: z.boolean(),
});
/** Without `draft` there is none any more. */
export const DraftChanged = z.object({ userSeq: Seq, chatId: ChatId, draft: z.optional(Draft) });
export const UserBlocked = z.object({ userSeq: Seq, userId: UserId });
export const DeviceAdded = z.object({ userSeq: Seq, device: Device });
export const DeviceRevoked = z.object({ userSeq: Seq, deviceId: DeviceId });
/** The user's own profile as he sees it himself, with `privacy`. */
export const ProfileChanged = z.object({ userSeq: Seq, user: User });
export const ServerDraining = z.object({ reconnectAfterMs: z.int() });

/** Entries of a chat's stream, in the form of the live event (SYNC-1). */
export const ChatEntry = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('newMessage'), payload: Message }),
    z.object({ event: z.literal('newEncryptedMessage'), payload: Message }),
    z.object({ event: z.literal('newMediaMessage'), payload: Message }),
    z.object({ event: z.literal('messageEdited'), payload: MessageEdited }),
    z.object({ event: z.literal('messageDeleted'), payload: MessageDeleted }),
    z.object({ event: z.literal('reactionChanged'), payload: ReactionChanged }),
    z.object({ event: z.literal('messagePinned'), payload: MessagePinned }),
    z.object({ event: z.literal('messageUnpinned'), payload: MessagePinned }),
    z.object({ event: z.literal('entrySkipped'), payload: EntrySkipped }),
  ])
  .register(z.globalRegistry, { id: 'ChatEntry' });
export type ChatEntry = z.output<typeof ChatEntry>;

/** Entries of a user's own stream (SEQ-3). */
export const UserEntry = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('chatAdded'), payload: ChatAdded }),
    z.object({ event: z.literal('chatRemoved'), payload: ChatRemoved }),
    z.object({ event: z.literal('profileChanged'), payload: ProfileChanged }),
    z.object({ event: z.literal('chatPreferencesChanged'), payload: ChatPreferencesChanged }),
    z.object({ event: z.literal('messageHidden'), payload: MessageHidden }),
    z.object({ event: z.literal('chatCleared'), payload: ChatCleared }),
    z.object({ event: z.literal('messageStarred'), payload: MessageStarred }),
    z.object({ event: z.literal('draftChanged'), payload: DraftChanged }),
    z.object({ event: z.literal('userBlocked'), payload: UserBlocked }),
    z.object({ event: z.literal('userUnblocked'), payload: UserBlocked }),
    z.object({ event: z.literal('deviceAdded'), payload: DeviceAdded }),
    z.object({ event: z.literal('deviceRevoked'), payload: DeviceRevoked }),
  ])
  .register(z.globalRegistry, { id: 'UserEntry' });
export type UserEntry = z.output<typeof UserEntry>;

/** Marks that moved since; they have no number of their own and come last in a run of pages (SYNC-1). */
export const StatusEntry = z
  .object({ event: z.literal('messageStatusUpdated'), payload: MessageStatusUpdated })
  .register(z.globalRegistry, { id: 'StatusEntry' });
export type StatusEntry = z.output<typeof StatusEntry>;

export const LogQuery = z.object({
  after: z._default(queryInteger(0, Number.MAX_SAFE_INTEGER), 0),
  limit: z._default(queryInteger(1, pageLimits.entries.maximum), pageLimits.entries.default),
});

export const Log = z.object({ entries: z.array(ChatEntry), hasMore: z.boolean() });
export type Log = z.output<typeof Log>;

export const SyncInput = z.object({
  cursor: optionalInput(Cursor),
  limit: z.pipe(
    z.nullish(z.int().check(z.minimum(1), z.maximum(pageLimits.entries.maximum))),
    z.transform((limit) => limit ?? pageLimits.entries.default),
  ),
});

export const SyncOutput = z.object({
  entries: z.array(z.union([ChatEntry, UserEntry, StatusEntry])),
  cursor: Cursor,
  hasMore: z.boolean(),
  reset: z.boolean(),
});
export type SyncOutput = z.output<typeof SyncOutput>;
