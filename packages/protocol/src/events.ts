import * as z from 'zod/mini';
import { ErrorCode } from './errors.js';
import { Message } from './messages.js';
import {
  ChatAdded,
  ChatPreferencesChanged,
  ChatRemoved,
  DeviceAdded,
  DeviceRevoked,
  EntrySkipped,
  ProfileChanged,
  ServerDraining,
} from './sync.js';

export interface Event {
  readonly summary: string;
  /** Whose sockets get it. */
  readonly to: 'members' | 'own' | 'reader' | 'socket' | 'all';
  readonly payload: z.ZodMiniType;
}

/** Every event that the server emits (protocol section 5). Clients ignore those that they do not know. */
export const events = {
  newMessage: { summary: 'A text or system message.', to: 'members', payload: Message },
  entrySkipped: {
    summary: 'Stands for entries that this reader cannot see (SYNC-4).',
    to: 'reader',
    payload: EntrySkipped,
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
