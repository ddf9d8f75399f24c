import {
  type Chat,
  type Draft,
  type Entry,
  isVisible,
  lastSeq,
  marksOf,
  type Member,
  memberOf,
  type Message,
  messagesOf,
  type OwnEvent,
  type World,
} from './world.js';

/** What stands for a time in everything that is compared. */
export const TIME = '<time>';

const PREVIEW_LENGTH = 140;

/** How many messages `joinChat` is asked for. */
export const SNAPSHOT = 5;

/** A value as JSON carries it: without what is `undefined`. */
export type View = Readonly<Record<string, unknown>>;

function reactionsOf(message: Message, reader: string | undefined): View[] {
  const emojis = [...new Set(message.reactions.map(({ emoji }) => emoji))];
  return emojis.map((emoji) => {
    const users = message.reactions.filter((one) => one.emoji === emoji).map(({ user }) => user);
    return {
      emoji,
      count: users.length,
      mine: reader !== undefined && users.includes(reader),
    };
  });
}

function replyView(source: Message, reader: string): View {
  const shows = source.text !== undefined && !source.deleted && isVisible(source, reader);
  return {
    messageId: source.name,
    senderId: source.sender,
    kind: source.kind,
    ...(shows && {
      preview: Array.from(source.text ?? '')
        .slice(0, PREVIEW_LENGTH)
        .join(''),
    }),
  };
}

/** What stands for a time that is so many milliseconds after another, in everything that is compared. */
export function timeAfter(ms: number): string {
  return `<${ms} ms later>`;
}

function contentOf(message: Message, reader: string, isShared: boolean): View {
  if (message.deleted) return { reactions: [], deletedAt: TIME };
  const { forwarded, edited, system, replyTo } = message;
  const always = {
    system,
    forwarded: forwarded || undefined,
    editedAt: edited ? TIME : undefined,
  };
  // What a repeat of its send is answered (MSG-7).
  if (message.expired) return { ...always, reactions: [] };
  return {
    ...always,
    text: message.text,
    mentions: message.mentions,
    encrypted: message.encrypted,
    replyTo: replyTo && replyView(replyTo, reader),
    reactions: reactionsOf(message, isShared ? undefined : reader),
    pinned: message.pinnedAt === undefined ? undefined : true,
    starred: !isShared && message.starredBy.has(reader) ? true : undefined,
  };
}

/** A message as a reader sees it; in what goes to all members, without what is his alone (protocol, Shapes). */
export function messageView(message: Message, reader: string, isShared = false): View {
  const { name, chat, seq, kind, sender, device, clientId, ttlMs } = message;
  return {
    id: name,
    chatId: chat.name,
    seq,
    kind,
    senderId: sender,
    sender,
    senderDeviceId: device,
    clientMessageId: clientId,
    createdAt: TIME,
    expiresAt: ttlMs === undefined ? undefined : timeAfter(ttlMs),
    ...contentOf(message, reader, isShared),
  };
}

function skipped({ seq, message }: Entry): { event: string; payload: View } {
  return { event: 'entrySkipped', payload: { chatId: message.chat.name, seq } };
}

/** An entry as a reader gets it: live and so shared by all, or from the log and `sync`. */
export function entryView(
  entry: Entry,
  reader: string,
  isShared: boolean,
): { event: string; payload: View } {
  const { seq, event, message, actor } = entry;
  if (!isVisible(message, reader)) return skipped(entry);
  const chatId = message.chat.name;
  const about = { chatId, seq, messageId: message.name };
  switch (event) {
    case 'message':
      return {
        event: message.kind === 'encrypted' ? 'newEncryptedMessage' : 'newMessage',
        payload: messageView(message, reader, isShared),
      };
    case 'messageEdited':
      return { event, payload: { chatId, seq, message: messageView(message, reader, isShared) } };
    case 'messageDeleted':
      return { event, payload: { ...about, scope: 'everyone', deletedBy: actor, at: TIME } };
    case 'reactionChanged': {
      if (message.deleted) return skipped(entry);
      const { emoji, added } = entry;
      const reactions = reactionsOf(message, undefined).map(({ emoji, count }) => ({
        emoji,
        count,
      }));
      return { event, payload: { ...about, userId: actor, emoji, added, reactions } };
    }
    case 'messagePinned':
    case 'messageUnpinned':
      return { event, payload: { ...about, userId: actor } };
  }
}

export function visibleMessages(chat: Chat, reader: string): Message[] {
  return messagesOf(chat).filter((message) => isVisible(message, reader));
}

/** CHAT-4: of others, no system message, neither deleted nor hidden, above the seen mark. */
export function unreadCount(chat: Chat, reader: string): number {
  const { seen } = memberOf(chat, reader);
  return visibleMessages(chat, reader).filter(
    ({ seq, sender, kind, deleted }) =>
      seq > seen && sender !== reader && kind !== 'system' && !deleted,
  ).length;
}

function draftView({ text, replyTo }: Draft): View {
  return { text, replyToId: replyTo?.name };
}

function ownView(chat: Chat, reader: string): View {
  const member = memberOf(chat, reader);
  return {
    role: member.role,
    deliveredSeq: member.delivered,
    seenSeq: member.seen,
    unreadCount: unreadCount(chat, reader),
    markedUnread: member.markedUnread || undefined,
    pinnedAt: member.pinnedAt === undefined ? undefined : TIME,
    archivedAt: member.archived ? TIME : undefined,
    draft: member.draft && draftView(member.draft),
    joinedAt: TIME,
  };
}

/** RCPT-1: privacy hides what either of them has seen from the other. */
export function hidesSeen(world: World, user: string, reader: string): boolean {
  return user !== reader && !(world.user(user).showsSeen && world.user(reader).showsSeen);
}

export function memberView(world: World, user: string, member: Member, reader: string): View {
  const { role } = member;
  const { delivered, seen } = marksOf(member, user === reader);
  const hidden = hidesSeen(world, user, reader);
  return {
    user,
    role,
    deliveredSeq: delivered,
    seenSeq: hidden ? 0 : seen,
    seenHidden: hidden || undefined,
    joinedAt: TIME,
  };
}

/** Members in the order of joining; who joined together is in any order, so that they are compared sorted. */
export function membersInOrder(chat: Chat): [string, Member][] {
  return [...chat.members].toSorted(
    ([a, one], [b, other]) => one.joinedSeq - other.joinedSeq || (a < b ? -1 : 1),
  );
}

/** What everybody may see of a public group (CHAT-3). */
export function publicView(chat: Chat): View {
  return {
    id: chat.name,
    type: chat.type,
    title: chat.title,
    description: chat.description,
    visibility: chat.visibility,
    createdBy: chat.createdBy,
    createdAt: TIME,
    lastActivityAt: TIME,
    settings: chat.type === 'group' ? chat.settings : undefined,
    messageTtlMs: chat.messageTtlMs,
    lastSeq: lastSeq(chat),
    memberCount: chat.members.size,
  };
}

export function chatView(world: World, chat: Chat, reader: string): View {
  const lastMessage = visibleMessages(chat, reader).at(-1);
  return {
    ...publicView(chat),
    participants: membersInOrder(chat).map(([user, member]) =>
      memberView(world, user, member, reader),
    ),
    lastMessage: lastMessage && messageView(lastMessage, reader),
    me: ownView(chat, reader),
  };
}

/** What `joinChat` answers. */
export function snapshotView(world: World, chat: Chat, reader: string): View {
  const visible = visibleMessages(chat, reader);
  return {
    chat: chatView(world, chat, reader),
    messages: visible.slice(-SNAPSHOT).map((message) => messageView(message, reader)),
    hasMore: visible.length > SNAPSHOT,
  };
}

/**
 * An event of a user's own stream with today's content; `undefined` where it says nothing any more because he has left
 * the chat.
 */
export function ownEventView(
  world: World,
  user: string,
  { userSeq, event, chat, details }: OwnEvent,
): { event: string; payload: View } | undefined {
  const member = chat?.members.get(user);
  switch (event) {
    case 'chatAdded':
      return chat && member && { event, payload: { userSeq, chat: chatView(world, chat, user) } };
    case 'chatPreferencesChanged':
      return (
        chat &&
        member && { event, payload: { userSeq, chatId: chat.name, me: ownView(chat, user) } }
      );
    case 'messageHidden':
    case 'chatCleared':
      return (
        chat &&
        member && {
          event,
          payload: { userSeq, chatId: chat.name, ...details, chat: chatView(world, chat, user) },
        }
      );
    case 'messageStarred':
      return chat && member && { event, payload: { userSeq, chatId: chat.name, ...details } };
    case 'draftChanged':
      return (
        chat &&
        member && {
          event,
          payload: { userSeq, chatId: chat.name, draft: member.draft && draftView(member.draft) },
        }
      );
    default:
      return { event, payload: { userSeq, chatId: chat?.name, ...details } };
  }
}
