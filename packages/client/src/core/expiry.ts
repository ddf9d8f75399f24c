import { type LoadedMessages, perChunk } from './loaded-messages.js';
import { hideMessage } from './messages.js';
import { type ClientState, type StoredMessage, withChat } from './state.js';

/** After every time that there is. */
const NEVER = '~';

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

/** When the first of a chunk expires; `NEVER` where none does. */
export const firstExpiry = perChunk((chunk) =>
  chunk.reduce((next, { expiresAt = NEVER }) => earlier(next, expiresAt), NEVER),
);

const expiries = new WeakMap<LoadedMessages, string>();

/** As `firstExpiry`. Found once for each of a chat's states: most chats are as they were. */
export function expiryOf(messages: LoadedMessages): string {
  const known = expiries.get(messages);
  if (known !== undefined) return known;
  const next = messages.chunks.reduce((least, chunk) => earlier(least, firstExpiry(chunk)), NEVER);
  expiries.set(messages, next);
  return next;
}

export function isExpired({ expiresAt }: StoredMessage, now: string): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** When the next message that is known expires, as ISO 8601; `undefined` where none does. */
export function nextExpiry(state: ClientState): string | undefined {
  let next = NEVER;
  for (const { messages } of state.chats.values()) next = earlier(next, expiryOf(messages));
  return next === NEVER ? undefined : next;
}

/** Takes away what has expired, of which no event tells (MSG-7). */
export function dropExpired(state: ClientState, now: string): ClientState {
  let after = state;
  for (const chat of state.chats.values()) {
    if (expiryOf(chat.messages) > now) continue;
    const expired = chat.messages.chunks
      .filter((chunk) => firstExpiry(chunk) <= now)
      .flatMap((chunk) => chunk.filter((message) => isExpired(message, now)));
    after = withChat(
      after,
      expired.reduce((left, { id }) => hideMessage(left, id, state.me), chat),
    );
  }
  return after;
}
