import type { EventName, EventPayload } from '@natter/protocol';
import { applyChatEntry } from './chat-entries.js';
import { applyEphemeral } from './ephemeral.js';
import { applyStatus } from './marks.js';
import { applyUserEntry } from './own-stream.js';
import type { ClientState } from './state.js';

/** Everything that a socket can receive, and every entry of `sync` and of a chat's log. */
export type ServerEvent = {
  readonly [K in EventName]: { readonly event: K; readonly payload: EventPayload<K> };
}[EventName];

/** The state after an event. Repeats, and events that this version does not know, leave it the same object. */
export function applyEvent(state: ClientState, event: ServerEvent): ClientState {
  switch (event.event) {
    case 'newMessage':
    case 'newEncryptedMessage':
    case 'newMediaMessage':
    case 'messageEdited':
    case 'messageDeleted':
    case 'reactionChanged':
    case 'messagePinned':
    case 'messageUnpinned':
    case 'entrySkipped':
      return applyChatEntry(state, event);
    case 'messageStatusUpdated':
      return applyStatus(state, event.payload);
    case 'chatAdded':
    case 'chatRemoved':
    case 'chatPreferencesChanged':
    case 'messageHidden':
    case 'chatCleared':
    case 'messageStarred':
    case 'draftChanged':
    case 'userBlocked':
    case 'userUnblocked':
    case 'profileChanged':
    case 'deviceAdded':
    case 'deviceRevoked':
      return applyUserEntry(state, event);
    case 'typing':
    case 'stopTyping':
    case 'userOnline':
    case 'userOffline':
    case 'userUpdated':
      return applyEphemeral(state, event);
    case 'sessionEnded':
    case 'serverDraining':
      return state;
    default:
      return state;
  }
}
