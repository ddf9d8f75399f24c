import * as z from 'zod/mini';
import { pageLimits } from './limits.js';
import { Media, mediaIds, optionalMediaIds } from './media.js';
import {
  Base64,
  ChatId,
  ClientMessageId,
  DeviceId,
  MessageId,
  opaqueJson,
  Seq,
  storableText,
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
  avatarUrl: z.optional(z.nullable(z.string())),
  visibility: z.optional(Visibility),
  settings: z.optional(GroupSettings),
  messageTtlMs: z.optional(z.nullable(z.int())),
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
export type ReactionCount = z.output<typeof ReactionCount>;

/** What the server stores and forwards byte for byte and never looks into; its keys are the clients' business. */
export const Encrypted = z
  .object({
    /** Names how it is encrypted, for the clients. */
    scheme: storableText.check(z.minLength(1), z.maxLength(64)),
    ciphertext: Base64,
    header: z.optional(opaqueJson),
  })
  .register(z.globalRegistry, { id: 'Encrypted' });
export type Encrypted = z.output<typeof Encrypted>;

export const MessageKind = z.enum(['text', 'encrypted', 'media', 'system']);
export type MessageKind = z.output<typeof MessageKind>;

/** The message that a reply answers. There is no `preview` of what this reader cannot see (any more) (MSG-5). */
export const ReplyTo = z.object({
  messageId: MessageId,
  senderId: UserId,
  kind: MessageKind,
  preview: z.optional(z.string()),
});
export type ReplyTo = z.output<typeof ReplyTo>;

export const Message = z
  .object({
    id: MessageId,
    chatId: ChatId,
    seq: Seq,
    kind: MessageKind,
    senderId: UserId,
    sender: Sender,
    senderDeviceId: z.optional(DeviceId),
    clientMessageId: z.optional(ClientMessageId),
    /** What was said; of media, their caption. */
    text: z.optional(z.string()),
    mentions: z.optional(z.array(UserId)),
    encrypted: z.optional(Encrypted),
    /** In the order in which they are shown; of an encrypted message, what its readers alone can decrypt. */
    media: z.optional(z.array(Media)),
    system: z.optional(System),
    replyTo: z.optional(ReplyTo),
    forwarded: z.optional(z.literal(true)),
    /** In the order in which each emoji was first there. */
    reactions: z.array(ReactionCount),
    pinned: z.optional(z.literal(true)),
    /** For the reader alone; never in an event that goes to others as well. */
    starred: z.optional(z.literal(true)),
    createdAt: Timestamp,
    editedAt: z.optional(Timestamp),
    /** There in a tombstone, which has no content any more (MSG-3). */
    deletedAt: z.optional(Timestamp),
    /** From then on it is in no answer any more (MSG-7). */
    expiresAt: z.optional(Timestamp),
  })
  .register(z.globalRegistry, { id: 'Message' });
export type Message = z.output<typeof Message>;

/** The most users that one message can mention by name; a group is mentioned by its own means. */
const MENTIONS = 100;
const mentions = optionalInput(z.array(UserId).check(z.maxLength(MENTIONS)));

/** `null` is the same as none, in the header as everywhere in inputs. */
const EncryptedInput = z.object({
  ...Encrypted.shape,
  header: optionalInput(opaqueJson),
});

/** What is said beside media: nothing, or something to see (MSG-1). */
const captionText = z.union([z.literal(''), visibleText]);

const sendFields = { clientMessageId: ClientMessageId, replyToId: optionalInput(MessageId) };
const textContent = { ...sendFields, text: visibleText, mentions };
const encryptedContent = {
  ...sendFields,
  encrypted: EncryptedInput,
  /** Opaque uploads of the sender. */
  mediaIds: optionalMediaIds,
};
const mediaContent = { ...sendFields, mediaIds, text: optionalInput(captionText), mentions };

export const SendMessageInput = z.object({ chatId: ChatId, ...textContent });
export const SendEncryptedMessageInput = z.object({ chatId: ChatId, ...encryptedContent });
export const SendMediaInput = z.object({ chatId: ChatId, ...mediaContent });
export const SendMessageBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), ...textContent }),
  z.object({ kind: z.literal('encrypted'), ...encryptedContent }),
  z.object({ kind: z.literal('media'), ...mediaContent }),
]);

export const SendMessageOutput = z.object({
  message: Message,
  /** There when the same send was carried out before (IDEM-1). */
  duplicate: z.optional(z.literal(true)),
});

export const MessageParams = z.object({ id: MessageId });

/** How a command names a message. A `chatId` that is not the message's chat is `NOT_FOUND`. */
export const MessageReference = z.object({
  messageId: MessageId,
  chatId: optionalInput(ChatId),
});

const editFields = {
  /** An empty one takes the caption of media away. */
  text: optionalInput(captionText),
  /** Whom the new text mentions; without it, the same as before. */
  mentions,
  encrypted: optionalInput(EncryptedInput),
};

function hasOneContent({ text, encrypted }: { text?: unknown; encrypted?: unknown }): boolean {
  return (text === undefined) !== (encrypted === undefined);
}
const ONE_CONTENT = 'takes either text or encrypted';

export const EditMessageInput = z
  .object({ ...MessageReference.shape, ...editFields })
  .check(z.refine(hasOneContent, ONE_CONTENT));
export const EditMessageBody = z.object(editFields).check(z.refine(hasOneContent, ONE_CONTENT));

/** What became of a message; without `seq`, nothing has changed (ACK-2). */
export const MessageChange = z.object({ message: Message, seq: z.optional(Seq) });
export type MessageChange = z.output<typeof MessageChange>;

export const DeleteScope = z.enum(['everyone', 'me']);
export const DeleteMessageInput = z.object({ ...MessageReference.shape, scope: DeleteScope });
export const DeleteMessageQuery = z.object({ scope: DeleteScope });

/** The entry's number in the chat's stream; absent where nothing has changed (ACK-2). */
export const ChatSeqOutput = z.object({ seq: z.optional(Seq) });
export type ChatSeqOutput = z.output<typeof ChatSeqOutput>;
/** The event's number in the user's own stream; absent where nothing has changed (ACK-2). */
export const UserSeqOutput = z.object({ userSeq: z.optional(Seq) });
export type UserSeqOutput = z.output<typeof UserSeqOutput>;
/** `seq` of a deletion for everyone and when it was, `userSeq` of one for oneself. */
export const DeleteMessageOutput = z.object({
  ...ChatSeqOutput.shape,
  at: z.optional(Timestamp),
  ...UserSeqOutput.shape,
});
export type DeleteMessageOutput = z.output<typeof DeleteMessageOutput>;

const forwardFields = {
  /** In which order the copies are answered. */
  chatIds: z.array(ChatId).check(z.minLength(1), z.maxLength(pageLimits.forwardChats)),
  /** One for each chat, in the same order. */
  clientMessageIds: z.array(ClientMessageId),
};
function hasIdForEach({
  chatIds,
  clientMessageIds,
}: {
  chatIds: string[];
  clientMessageIds: string[];
}): boolean {
  return chatIds.length === clientMessageIds.length && new Set(chatIds).size === chatIds.length;
}
const ID_FOR_EACH = 'takes each chat once, and a clientMessageId for each';

export const ForwardMessageInput = z
  .object({ ...MessageReference.shape, ...forwardFields })
  .check(z.refine(hasIdForEach, ID_FOR_EACH));
export const ForwardMessageBody = z
  .object(forwardFields)
  .check(z.refine(hasIdForEach, ID_FOR_EACH));
export const ForwardMessageOutput = z.object({ messages: z.array(Message) });

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
