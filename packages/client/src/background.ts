import { type Clock, systemClock } from './clock.js';
import { authorizedRequest } from './engine/authorized-request.js';
import type { Request } from './engine/read-snapshot.js';
import { PasswordSession } from './engine/session.js';
import { Tokens } from './engine/tokens.js';
import { unreachable } from './errors.js';
import type { ClientStore } from './store/store.js';

export interface BackgroundClientOptions {
  /** Where the server is, as `https://chat.example.com`. */
  readonly url: string;
  /** The store of the `ChatClient` whose login is used. */
  readonly store: ClientStore;
  /** For tests: time and requests of another make. */
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
}

/** The user of a store, for as long as a worker lives. */
export interface BackgroundClient {
  /**
   * Calls a route of the server as the user who is logged in.
   *
   * @throws {ChatError} `UNAUTHENTICATED` where nobody is, `UNAVAILABLE` where the server cannot be reached.
   */
  readonly request: Request;
}

/**
 * For a service worker, which lives for one push: uses the login that a page keeps in its store, and renews it where the
 * page does not. It has no connection and no state.
 */
export function createBackgroundClient(options: BackgroundClientOptions): BackgroundClient {
  const { url, store, clock = systemClock } = options;
  const http = { url: url.replace(/\/+$/, ''), fetch: options.fetch ?? fetch.bind(globalThis) };
  // A token whose successor is used and not stored would end the page's login (AUTH-2).
  const session = new PasswordSession(http, store, clock, (error) => {
    throw unreachable(error);
  });
  return { request: authorizedRequest(http, new Tokens(session, clock)) };
}
