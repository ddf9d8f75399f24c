import type { EventName } from '@natter/protocol';
import type { ServerEvent } from '../core/index.js';
import { toChatId } from '../ids.js';

/**
 * What each event is: an `entry` of a chat's stream, of the user's `own` stream, a `mark`, something of this moment
 * alone (`signal`), or about the connection (`control`).
 */
const kinds = {
  newMessage: 'entry',
  newEncryptedMessage: 'entry',
  newMediaMessage: 'entry',
  messageEdited: 'entry',
  messageDeleted: 'entry',
  reactionChanged: 'entry',
  messagePinned: 'entry',
  messageUnpinned: 'entry',
  entrySkipped: 'entry',
  messageStatusUpdated: 'mark',
  typing: 'signal',
  stopTyping: 'signal',
  userOnline: 'signal',
  userOffline: 'signal',
  userUpdated: 'signal',
  chatAdded: 'own',
  chatRemoved: 'own',
  profileChanged: 'own',
  chatPreferencesChanged: 'own',
  messageHidden: 'own',
  messageStarred: 'own',
  chatCleared: 'own',
  draftChanged: 'own',
  userBlocked: 'own',
  userUnblocked: 'own',
  deviceAdded: 'own',
  deviceRevoked: 'own',
  sessionEnded: 'control',
  serverDraining: 'control',
} as const satisfies Record<EventName, string>;

interface Received {
  readonly event: string;
  readonly payload: unknown;
}

function isKnown(received: Received): received is ServerEvent {
  return Object.hasOwn(kinds, received.event);
}

/**
 * What came as an event that this version can apply. Of an entry that only a newer version knows, the number remains, so
 * that the chat goes on; anything else that is unknown is nothing.
 */
export function toServerEvent(received: Received): ServerEvent | undefined {
  const { payload } = received;
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (isKnown(received)) return received;
  if (!('chatId' in payload) || !('seq' in payload)) return undefined;
  const { chatId, seq } = payload;
  if (typeof chatId !== 'string' || typeof seq !== 'number') return undefined;
  return { event: 'entrySkipped', payload: { chatId: toChatId(chatId), seq } };
}

/** The same of a page of `sync` or of a chat's log. */
export function toServerEvents(received: readonly Received[]): ServerEvent[] {
  return received.flatMap((entry) => toServerEvent(entry) ?? []);
}

type Kinds = typeof kinds;
type NamesOf<Kind> = { [K in EventName]: Kinds[K] extends Kind ? K : never }[EventName];
type EventsOf<Kind> = Extract<ServerEvent, { event: NamesOf<Kind> }>;

/** An entry of a chat's stream. */
export type EntryEvent = EventsOf<'entry'>;
/** An event of the user's own stream. */
export type OwnEvent = EventsOf<'own'>;

export function isEntry(event: ServerEvent): event is EntryEvent {
  return kinds[event.event] === 'entry';
}

export function isOwn(event: ServerEvent): event is OwnEvent {
  return kinds[event.event] === 'own';
}
