import type { EventName, EventPayload, ChatId, ClientMessageId } from '@natter/protocol';
import type { ConnectionState } from './engine/model.js';
import type { ErrorInfo } from './errors.js';
import { reportError } from './readable.js';

/** An operation that the server refused for good. */
export interface Refusal {
  readonly id: ClientMessageId;
  readonly chatId: ChatId | undefined;
  readonly error: ErrorInfo;
}

/**
 * Everything that `client.on` tells of: each event of the protocol, once and in the order in which it took effect,
 * whether it came live or was caught up on; and what is the client's own.
 *
 * A new message is told also where `chatAdded` has brought its chat with it already, as the first one in a new group: after
 * `chatAdded`, where somebody else wrote it since the user joined, and the user has not seen it. Nothing is told of what was
 * written before he joined, or of what a login or `stateReset` finds there, or where the client ends between the two.
 */
export type ClientEvents = { readonly [K in EventName]: EventPayload<K> } & {
  readonly stateChanged: ConnectionState;
  /** So much was missed that everything was read anew, without an event for each. */
  readonly stateReset: undefined;
  /** The store could not be read or written, as where a browser's space is used up. The client goes on in memory. */
  readonly storeFailed: unknown;
  /** A message (or another operation that holds the user's words) was refused; it waits in the outbox for him. */
  readonly operationFailed: Refusal;
  /** A reaction, a pin or the like was refused, and its effect taken back. */
  readonly operationDropped: Refusal;
};

export type ClientEventName = keyof ClientEvents;

export type ClientEvent = {
  readonly [K in ClientEventName]: { readonly event: K; readonly payload: ClientEvents[K] };
}[ClientEventName];

function isNamed<K extends ClientEventName>(
  event: ClientEvent,
  name: K,
): event is ClientEvent & { readonly event: K; readonly payload: ClientEvents[K] } {
  return event.event === name;
}

/** Calls those who listen to what happens. */
export class EventHub {
  private readonly listeners = new Set<(event: ClientEvent) => void>();

  on<K extends ClientEventName>(name: K, listener: (payload: ClientEvents[K]) => void): () => void {
    const own = (event: ClientEvent): void => {
      if (isNamed(event, name)) listener(event.payload);
    };
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  emit(event: ClientEvent): void {
    for (const listener of new Set(this.listeners)) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
