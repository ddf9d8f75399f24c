import { hideMessage } from './messages.js';
import { type ClientState, withChat } from './state.js';

/** When the next message that is known expires, as ISO 8601; `undefined` where none does. */
export function nextExpiry(state: ClientState): string | undefined {
  let next: string | undefined;
  for (const chat of state.chats.values()) {
    for (const { expiresAt } of chat.messages.values()) {
      if (expiresAt !== undefined && (next === undefined || expiresAt < next)) next = expiresAt;
    }
  }
  return next;
}

/** Takes away what has expired, of which no event tells (MSG-7). */
export function dropExpired(state: ClientState, now: string): ClientState {
  let after = state;
  for (const chat of state.chats.values()) {
    let left = chat;
    for (const { id, expiresAt } of chat.messages.values()) {
      if (expiresAt !== undefined && expiresAt <= now) left = hideMessage(left, id, state.me);
    }
    after = withChat(after, left);
  }
  return after;
}
