import { isKnown, type ServerEvent } from '../core/server-event.js';
import { toChatId } from '../ids.js';

interface Received {
  readonly event: string;
  readonly payload: unknown;
}

/** What is known by its name comes as the protocol has it. */
function isServerEvent(received: Received): received is ServerEvent {
  return isKnown(received.event);
}

/**
 * What came as an event that this version can apply. Of an entry that only a newer version knows, the number remains, so
 * that the chat goes on; anything else that is unknown is nothing.
 */
export function toServerEvent(received: Received): ServerEvent | undefined {
  const { payload } = received;
  if (typeof payload !== 'object' || payload === null) return undefined;
  if (isServerEvent(received)) return received;
  if (!('chatId' in payload) || !('seq' in payload)) return undefined;
  const { chatId, seq } = payload;
  if (typeof chatId !== 'string' || typeof seq !== 'number') return undefined;
  return { event: 'entrySkipped', payload: { chatId: toChatId(chatId), seq } };
}

/** The same of a page of `sync` or of a chat's log. */
export function toServerEvents(received: readonly Received[]): ServerEvent[] {
  return received.flatMap((entry) => toServerEvent(entry) ?? []);
}
