import * as z from 'zod/mini';
import { ErrorCode } from './errors.js';
import { Message } from './messages.js';
import { MessageStatusUpdated } from './receipts.js';
import type { Receivers } from './receivers.js';
import { UserOffline, UserOnline, UserUpdated } from './presence.js';
import {
  ChatAdded,
  ChatCleared,
  ChatPreferencesChanged,
  ChatRemoved,
  DeviceAdded,
  DeviceRevoked,
  DraftChanged,
  EntrySkipped,
  MessageDeleted,
  MessageEdited,
  MessageHidden,
  MessagePinned,
  MessageStarred,
  ProfileChanged,
  ReactionChanged,
  ServerDraining,
  UserBlocked,
} from './sync.js';
import { Typing } from './typing.js';

export interface Event {
  readonly summary: string;
  readonly to: Receivers;
  readonly payload: z.ZodMiniType;
}

/** Every event that the server emits (docs/protocol.md, Events). Clients ignore those that they do not know. */
export const events = {
  newMessage: { summary: 'A text or system message.', to: 'members', payload: Message },
  newEncryptedMessage: {
    summary: 'A message whose content the clients alone can read.',
    to: 'members',
    payload: Message,
  },
  newMediaMessage: {
    summary: 'A message that holds media.',
    to: 'members',
    payload: Message,
  },
  messageEdited: {
    summary: 'A message has other content now.',
    to: 'members',
    payload: MessageEdited,
  },
  messageDeleted: {
    summary: 'A message was deleted for everyone and is a tombstone now.',
    to: 'members',
    payload: MessageDeleted,
  },
  reactionChanged: {
    summary: 'A user reacted to a message, or took that back.',
    to: 'members',
    payload: ReactionChanged,
  },
  messagePinned: { summary: 'A message was pinned.', to: 'members', payload: MessagePinned },
  messageUnpinned: {
    summary: 'A message is not pinned any more.',
    to: 'members',
    payload: MessagePinned,
  },
  messageStatusUpdated: {
    summary: 'A user received or saw everything up to a message (RCPT-2).',
    to: 'members',
    payload: MessageStatusUpdated,
  },
  entrySkipped: {
    summary: 'Stands for entries that this reader cannot see (SYNC-4).',
    to: 'reader',
    payload: EntrySkipped,
  },
  typing: { summary: 'A user types in a chat.', to: 'others', payload: Typing },
  stopTyping: { summary: 'He does so no longer.', to: 'others', payload: Typing },
  userOnline: { summary: 'A user is online.', to: 'contacts', payload: UserOnline },
  userOffline: {
    summary: 'A user is not online any more, or does not show it any more.',
    to: 'contacts',
    payload: UserOffline,
  },
  userUpdated: {
    summary: 'A user is called otherwise now.',
    to: 'contacts',
    payload: UserUpdated,
  },
  chatAdded: { summary: 'The user is now in this chat.', to: 'own', payload: ChatAdded },
  chatRemoved: { summary: 'The user is no longer in this chat.', to: 'own', payload: ChatRemoved },
  profileChanged: {
    summary: "The user's own profile or privacy is another now.",
    to: 'own',
    payload: ProfileChanged,
  },
  chatPreferencesChanged: {
    summary: 'The user muted, pinned, archived or marked a chat, or ended that.',
    to: 'own',
    payload: ChatPreferencesChanged,
  },
  messageHidden: {
    summary: 'The user deleted a message for himself.',
    to: 'own',
    payload: MessageHidden,
  },
  chatCleared: {
    summary: 'The user cleared a chat for himself, up to and including an entry.',
    to: 'own',
    payload: ChatCleared,
  },
  messageStarred: {
    summary: 'The user starred a message, or ended that.',
    to: 'own',
    payload: MessageStarred,
  },
  draftChanged: {
    summary: 'The user has another draft in a chat, or none any more.',
    to: 'own',
    payload: DraftChanged,
  },
  userBlocked: { summary: 'The user blocked another.', to: 'own', payload: UserBlocked },
  userUnblocked: {
    summary: 'The user ended that he blocks another.',
    to: 'own',
    payload: UserBlocked,
  },
  deviceAdded: {
    summary: 'A device logged in: a new one, or one that is known with a new session.',
    to: 'own',
    payload: DeviceAdded,
  },
  deviceRevoked: {
    summary: 'The session of a device ended.',
    to: 'own',
    payload: DeviceRevoked,
  },
  sessionEnded: {
    summary: 'The device session ended; the server disconnects next.',
    to: 'socket',
    payload: z.object({ code: ErrorCode, message: z.string() }),
  },
  serverDraining: {
    summary: 'The node is stopping; the transport is closed next and the client reconnects.',
    to: 'all',
    payload: ServerDraining,
  },
} as const satisfies Record<string, Event>;

export type EventName = keyof typeof events;
