import { applyChatEntry } from './chat-entries.js';
import { applyEphemeral } from './ephemeral.js';
import { applyStatus } from './marks.js';
import { applyUserEntry } from './own-stream.js';
import { isOf, type ServerEvent } from './server-event.js';
import type { ClientState } from './state.js';

/** The state after an event. Repeats, and events that this version does not know, leave it the same object. */
export function applyEvent(state: ClientState, event: ServerEvent): ClientState {
  if (isOf(event, 'entry')) return applyChatEntry(state, event);
  if (isOf(event, 'own')) return applyUserEntry(state, event);
  if (isOf(event, 'mark')) return applyStatus(state, event.payload);
  return isOf(event, 'signal') ? applyEphemeral(state, event) : state;
}
