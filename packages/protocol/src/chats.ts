import * as z from 'zod/mini';
import { pageLimits } from './limits.js';
import { MemberRole, Message } from './messages.js';
import {
  ChatId,
  Cursor,
  Seq,
  Timestamp,
  UserId,
  displayLine,
  optionalInput,
  queryInteger,
} from './primitives.js';
import { User } from './users.js';

export const Visibility = z.enum(['private', 'public']);
export const Title = displayLine(128);

const allowedRoles = z.enum(['all', 'admins']);
/** Who of a group's members may send, add members and edit its info (CHAT-2). */
export const GroupSettings = z
  .object({ send: allowedRoles, addMembers: allowedRoles, editInfo: allowedRoles })
  .register(z.globalRegistry, { id: 'GroupSettings' });
export type GroupSettings = z.output<typeof GroupSettings>;

export const Member = z
  .object({ user: User, role: MemberRole, deliveredSeq: Seq, seenSeq: Seq, joinedAt: Timestamp })
  .register(z.globalRegistry, { id: 'Member' });
export type Member = z.output<typeof Member>;

/** The reader's own side of a chat. */
export const OwnMembership = z.object({
  role: MemberRole,
  deliveredSeq: Seq,
  seenSeq: Seq,
  unreadCount: z.int(),
  joinedAt: Timestamp,
});

export const Chat = z
  .object({
    id: ChatId,
    type: z.enum(['direct', 'group']),
    title: z.optional(z.string()),
    visibility: Visibility,
    createdBy: UserId,
    createdAt: Timestamp,
    lastActivityAt: Timestamp,
    settings: z.optional(GroupSettings),
    lastSeq: Seq,
    memberCount: z.int(),
    /** Both of a direct chat, the first 20 of a group. */
    participants: z.optional(z.array(Member)),
    lastMessage: z.optional(Message),
    me: z.optional(OwnMembership),
  })
  .register(z.globalRegistry, { id: 'Chat' });
export type Chat = z.output<typeof Chat>;

export const CreateChatInput = z.discriminatedUnion('type', [
  z.object({ type: z.literal('direct'), userId: UserId }),
  z.object({
    type: z.literal('group'),
    title: Title,
    memberIds: z.array(UserId),
    visibility: optionalInput(Visibility),
    clientChatId: optionalInput(ChatId),
  }),
]);
export type CreateChatInput = z.output<typeof CreateChatInput>;

export const PageQuery = z.object({
  cursor: z.optional(Cursor),
  limit: z._default(queryInteger(1, pageLimits.page.maximum), pageLimits.page.default),
});
export type PageQuery = z.output<typeof PageQuery>;

export const ChatParams = z.object({ id: ChatId });

export const AddMembersInput = z.object({ userIds: z.array(UserId).check(z.minLength(1)) });
export const AddMembersOutput = z.object({ added: z.array(Member) });

export const JoinChatInput = z.object({
  chatId: ChatId,
  limit: z.pipe(
    z.nullish(z.int().check(z.minimum(1), z.maximum(pageLimits.page.maximum))),
    z.transform((limit) => limit ?? pageLimits.page.default),
  ),
});
export const JoinChatOutput = z.object({
  chat: Chat,
  messages: z.array(Message),
  hasMore: z.boolean(),
});

export const LeaveChatInput = z.object({ chatId: ChatId });
export const LeaveChatOutput = z.object({ userSeq: Seq });
