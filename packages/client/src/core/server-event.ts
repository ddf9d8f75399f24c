import type { EventName, EventPayload } from '@natter/protocol';

/** Everything that a socket can receive, and every entry of `sync` and of a chat's log. */
export type ServerEvent = {
  readonly [K in EventName]: { readonly event: K; readonly payload: EventPayload<K> };
}[EventName];

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

type Kinds = typeof kinds;
type Kind = Kinds[EventName];
type NamesOf<K extends Kind> = {
  [N in EventName]: Kinds[N] extends K ? N : never;
}[EventName];
type EventsOf<K extends Kind> = Extract<ServerEvent, { event: NamesOf<K> }>;

/** An event of the user's own stream. */
export type OwnEvent = EventsOf<'own'>;

/** Whether this version knows an event of this name. */
export function isKnown(name: string): name is EventName {
  return Object.hasOwn(kinds, name);
}

export function isOf<K extends Kind>(event: ServerEvent, kind: K): event is EventsOf<K> {
  return kinds[event.event] === kind;
}
