import * as z from 'zod/mini';
import { pageLimits } from './limits.js';
import {
  ChatId,
  ClientMessageId,
  DeviceId,
  MessageId,
  Seq,
  Timestamp,
  UserId,
  optionalInput,
  queryInteger,
  visibleText,
} from './primitives.js';
import { Sender } from './users.js';

export const MemberRole = z.enum(['owner', 'admin', 'member']);
export type MemberRole = z.output<typeof MemberRole>;

/** What a group's members agreed on: who of them may send, add members and edit its info (CHAT-2). */
const allowedRoles = z.enum(['all', 'admins']);
export const GroupSettings = z
  .object({ send: allowedRoles, addMembers: allowedRoles, editInfo: allowedRoles })
  .register(z.globalRegistry, { id: 'GroupSettings' });
export type GroupSettings = z.output<typeof GroupSettings>;

export const Visibility = z.enum(['private', 'public']);

/** What was changed of a group's info; `null`: removed. */
export const ChatChanges = z.object({
  title: z.optional(z.string()),
  description: z.optional(z.nullable(z.string())),
  visibility: z.optional(Visibility),
  settings: z.optional(GroupSettings),
});
export type ChatChanges = z.output<typeof ChatChanges>;

/** What a system message tells; its actor is the message's sender (CHAT-4). */
export const System = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('chatCreated') }),
    z.object({
      type: z.enum(['membersAdded', 'memberJoined', 'memberLeft', 'memberRemoved']),
      userIds: z.array(UserId),
    }),
    z.object({ type: z.literal('roleChanged'), userIds: z.array(UserId), role: MemberRole }),
    z.object({ type: z.literal('chatUpdated'), changes: ChatChanges }),
  ])
  .register(z.globalRegistry, { id: 'System' });
export type System = z.output<typeof System>;

export const ReactionCount = z.object({ emoji: z.string(), count: z.int(), mine: z.boolean() });

export const Message = z
  .object({
    id: MessageId,
    chatId: ChatId,
    seq: Seq,
    kind: z.enum(['text', 'system']),
    senderId: UserId,
    sender: Sender,
    senderDeviceId: z.optional(DeviceId),
    clientMessageId: z.optional(ClientMessageId),
    text: z.optional(z.string()),
    mentions: z.optional(z.array(UserId)),
    system: z.optional(System),
    reactions: z.array(ReactionCount),
    createdAt: Timestamp,
  })
  .register(z.globalRegistry, { id: 'Message' });
export type Message = z.output<typeof Message>;
export type MessageKind = Message['kind'];

/** The most users that one message can mention by name; a group is mentioned by its own means. */
const MENTIONS = 100;

const textContent = {
  clientMessageId: ClientMessageId,
  text: visibleText,
  mentions: optionalInput(z.array(UserId).check(z.maxLength(MENTIONS))),
};

export const SendMessageInput = z.object({ chatId: ChatId, ...textContent });
export const SendMessageBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), ...textContent }),
]);

export const SendMessageOutput = z.object({
  message: Message,
  /** There when the same send was carried out before (IDEM-1). */
  duplicate: z.optional(z.literal(true)),
});

/** Bounds of a page of history: at most one of them; none means the newest messages. */
export const HistoryQuery = z
  .object({
    before: z.optional(queryInteger(0, Number.MAX_SAFE_INTEGER)),
    after: z.optional(queryInteger(0, Number.MAX_SAFE_INTEGER)),
    around: z.optional(queryInteger(0, Number.MAX_SAFE_INTEGER)),
    limit: z._default(queryInteger(1, pageLimits.page.maximum), pageLimits.page.default),
  })
  .check(
    z.refine(
      ({ before, after, around }) =>
        [before, after, around].filter((bound) => bound !== undefined).length <= 1,
      'takes one of before, after and around',
    ),
  );

export const History = z.object({
  items: z.array(Message),
  hasMoreBefore: z.boolean(),
  hasMoreAfter: z.boolean(),
});
export type History = z.output<typeof History>;
