import * as z from 'zod/mini';
import { pageLimits } from './limits.js';
import { avatarMediaId } from './media.js';
import { GroupSettings, MemberRole, Message, Visibility } from './messages.js';
import {
  ChatId,
  MessageId,
  PageQuery,
  Seq,
  Timestamp,
  UserId,
  displayLine,
  optionalInput,
  storableText,
} from './primitives.js';
import { User } from './users.js';

export const Title = displayLine(128);
/** Up to 2,048 characters, of as many lines as one likes. */
export const Description = storableText.check(
  z.refine((text) => Array.from(text).length <= 2048, 'must be at most 2048 characters'),
);

/** What a member has begun to write and not sent; on all of his devices, and nobody else's. */
export const Draft = z.object({ text: z.string(), replyToId: z.optional(MessageId) });
export type Draft = z.output<typeof Draft>;

export const Member = z
  .object({
    user: User,
    role: MemberRole,
    deliveredSeq: Seq,
    /** 0 where it is hidden from this reader. */
    seenSeq: Seq,
    /** Privacy hides from this reader what the member has seen (RCPT-1). */
    seenHidden: z.optional(z.literal(true)),
    joinedAt: Timestamp,
  })
  .register(z.globalRegistry, { id: 'Member' });
export type Member = z.output<typeof Member>;

/** The reader's own side of a chat. */
export const OwnMembership = z.object({
  role: MemberRole,
  deliveredSeq: Seq,
  seenSeq: Seq,
  unreadCount: z.int(),
  markedUnread: z.optional(z.literal(true)),
  /** In the future: a chat whose time is over is not muted any more. */
  mutedUntil: z.optional(Timestamp),
  pinnedAt: z.optional(Timestamp),
  archivedAt: z.optional(Timestamp),
  draft: z.optional(Draft),
  joinedAt: Timestamp,
});
export type OwnMembership = z.output<typeof OwnMembership>;

export const Chat = z
  .object({
    id: ChatId,
    type: z.enum(['direct', 'group']),
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    avatarUrl: z.optional(z.string()),
    visibility: Visibility,
    createdBy: UserId,
    createdAt: Timestamp,
    lastActivityAt: Timestamp,
    settings: z.optional(GroupSettings),
    /** How long messages live that are sent from now on; absent, for ever (MSG-7). */
    messageTtlMs: z.optional(z.int()),
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

/** Which chats a list is of. All but `archived` and `public` are without the archived ones. */
export const ChatFilter = z.enum(['all', 'unread', 'direct', 'group', 'archived', 'public']);
export type ChatFilter = z.output<typeof ChatFilter>;

export const ListChatsQuery = z.object({
  ...PageQuery.shape,
  query: z.optional(storableText.check(z.maxLength(256))),
  filter: z._default(ChatFilter, 'all'),
});
export type ListChatsQuery = z.output<typeof ListChatsQuery>;

/** The last time that has a year of four digits, as every `Timestamp` must. */
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** What is left out stays as it is; `null` and `false` remove. */
export const PreferencesInput = z.object({
  mutedUntil: z.nullish(
    z.iso
      .datetime({ offset: true })
      .check(z.refine((time) => !(Date.parse(time) > LAST_TIME), 'must be before the year 10000')),
  ),
  pinned: z.nullish(z.boolean()),
  archived: z.nullish(z.boolean()),
  markedUnread: z.nullish(z.boolean()),
});
export type PreferencesInput = z.output<typeof PreferencesInput>;

const draftText = storableText;

/** Without a text, or with one that is empty, there is no draft any more. */
export const SetDraftInput = z.object({
  chatId: ChatId,
  text: optionalInput(draftText),
  replyToId: optionalInput(MessageId),
});
export const DraftBody = z.object({ text: draftText, replyToId: optionalInput(MessageId) });

export const ClearChatInput = z.object({ chatId: ChatId, upToSeq: Seq });
export const ClearChatBody = z.object({ upToSeq: Seq });

export const PinParams = z.object({ id: ChatId, messageId: MessageId });

export const ChatParams = z.object({ id: ChatId });

export const AddMembersInput = z.object({ userIds: z.array(UserId).check(z.minLength(1)) });
export const AddMembersOutput = z.object({ added: z.array(Member) });

const InviteCode = z.string().check(z.maxLength(128));

export const JoinGroupInput = z.object({ inviteCode: optionalInput(InviteCode) });

/** Ten years: a message that is to live longer needs no timer. */
const LONGEST_TTL_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** `null` removes the description, the avatar and the timer; settings that are left out stay as they are. */
export const UpdateChatInput = z.object({
  title: optionalInput(Title),
  description: z.optional(z.nullable(Description)),
  avatarMediaId,
  visibility: optionalInput(Visibility),
  settings: optionalInput(
    z.object({
      send: optionalInput(GroupSettings.shape.send),
      addMembers: optionalInput(GroupSettings.shape.addMembers),
      editInfo: optionalInput(GroupSettings.shape.editInfo),
    }),
  ),
  messageTtlMs: z.nullish(z.int().check(z.minimum(1), z.maximum(LONGEST_TTL_MS))),
});
export type UpdateChatInput = z.output<typeof UpdateChatInput>;

export const MemberParams = z.object({ id: ChatId, userId: UserId });
export const ChangeRoleInput = z.object({ role: MemberRole });

export const Invite = z.object({ inviteCode: z.string() });
export const InviteParams = z.object({ code: InviteCode });
/** What an invite shows to whoever has it. */
export const InvitedChat = z
  .object({
    chatId: ChatId,
    title: z.string(),
    avatarUrl: z.optional(z.string()),
    memberCount: z.int(),
  })
  .register(z.globalRegistry, { id: 'InvitedChat' });
export type InvitedChat = z.output<typeof InvitedChat>;

export const JoinChatInput = z.object({
  chatId: ChatId,
  inviteCode: optionalInput(InviteCode),
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
